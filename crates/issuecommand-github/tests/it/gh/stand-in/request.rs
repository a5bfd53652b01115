//! The request of `gh api`, and its changes by redirects.

use reqwest::Url;

use crate::parsed;

/// One request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) url: Url,
    /// In the order of the command line, without the login.
    pub(crate) headers: Vec<(String, String)>,
    /// Whether the body comes from stdin.
    pub(crate) reads_stdin: bool,
    pub(crate) body: Option<Vec<u8>>,
}

impl Request {
    /// Reads the command line behind `gh api`.
    pub(crate) fn parse(options: &[&str]) -> Self {
        let (mut method, mut address, mut headers) = (None, None, Vec::new());
        let (mut included, mut reads_stdin) = (false, false);
        let mut options = options.iter().copied();
        while let Some(option) = options.next() {
            let mut value = || {
                let value = options.next();
                value.unwrap_or_else(|| panic!("flag needs an argument: {option}"))
            };
            match option {
                "--include" => included = true,
                "--method" => method = Some(value().to_owned()),
                "--header" => {
                    let (name, value) = value().split_once(':').expect("NAME: VALUE");
                    headers.push((name.to_owned(), value.trim().to_owned()));
                }
                "--input" => {
                    assert_eq!(value(), "-", "the stand-in reads bodies from stdin alone");
                    reads_stdin = true;
                }
                option if option.starts_with('-') => {
                    panic!("the stand-in does not play `gh api {option}`")
                }
                _ => assert_eq!(address.replace(option.to_owned()), None, "one address"),
            }
        }
        let address = address.expect("an address");
        assert!(included, "the stand-in plays `gh api --include` alone");
        let implied = if reads_stdin { "POST" } else { "GET" };
        Self {
            method: method.unwrap_or_else(|| implied.to_owned()),
            url: parsed(&address, None).expect("the stand-in plays absolute addresses alone"),
            headers,
            reads_stdin,
            body: None,
        }
    }

    /// The value of a header that was given.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Changes it to the request that a redirect of this status requires.
    pub(crate) fn go_to(&mut self, status: u16, url: Url) {
        let keeps_method = matches!(status, 307 | 308) || self.method == "HEAD";
        if !keeps_method {
            "GET".clone_into(&mut self.method);
            self.body = None;
        }
        let from = self.url.to_string();
        self.headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("referer"));
        self.headers.push(("Referer".to_owned(), from));
        self.url = url;
    }
}
