//! How a person names an issue, a pull request or a repository.

use std::process::Command;
use std::str::FromStr;

use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_wire::call::ListRepos;
use serde_json::Value;
use url::Url;

use super::channel::{Channel, Given};
use super::failure::Failure;

/// An issue or pull request as a person names it: `acme/web#127`, `web#127`, an address, or `127` in a checkout; a pull request also
/// by `!`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    repo: RepoReference,
    number: IssueNumber,
    /// Whether it is named as a pull request.
    pub(super) is_pull: bool,
}

/// A repository as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RepoReference {
    /// `acme/web`.
    Full(RepoName),
    /// `web`.
    Short(String),
    /// That of the working folder.
    Checkout,
}

/// An issue or pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) repo: RepoName,
    pub(super) number: i64,
    pub(super) is_pull: bool,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.is_pull { '!' } else { '#' };
        write!(f, "{}{sign}{}", self.repo, self.number)
    }
}

const FORMS: &str = "an issue is named as acme/web#127, web#127, by its address, or as 127 in a checkout; a pull request as web!301";

impl FromStr for Reference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with("https://") || text.starts_with("http://") {
            return of_address(text).ok_or_else(|| FORMS.to_owned());
        }
        let at = text.find(['#', '!']);
        let (repo, sign, number) = match at {
            Some(at) => (&text[..at], &text[at..=at], &text[at + 1..]),
            None => ("", "#", text),
        };
        let repo = if repo.is_empty() {
            RepoReference::Checkout
        } else {
            repo.parse().map_err(|_| FORMS.to_owned())?
        };
        let number = number_of(number).ok_or_else(|| FORMS.to_owned())?;
        Ok(Self {
            repo,
            number,
            is_pull: sign == "!",
        })
    }
}

impl FromStr for RepoReference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(name) = RepoName::parse(text) {
            return Ok(Self::Full(name));
        }
        let good = RepoName::new("x", text).is_ok();
        let short = || Self::Short(text.to_owned());
        good.then(short)
            .ok_or_else(|| "a repository is named as acme/web, or as web".to_owned())
    }
}

fn number_of(text: &str) -> Option<IssueNumber> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .and_then(IssueNumber::new)
}

/// The issue or pull request of a page.
fn of_address(text: &str) -> Option<Reference> {
    let url = Url::parse(text).ok()?;
    let parts: Vec<&str> = url
        .path_segments()?
        .filter(|part| !part.is_empty())
        .collect();
    let [owner, name, kind, number, ..] = parts.as_slice() else {
        return None;
    };
    let is_pull = match *kind {
        "issues" => false,
        "pull" | "pulls" => true,
        _ => return None,
    };
    let repo = RepoReference::Full(RepoName::new(owner, name).ok()?);
    Some(Reference {
        repo,
        number: number_of(number)?,
        is_pull,
    })
}

impl Reference {
    /// Finds out which issue or pull request it is.
    pub(super) async fn find(&self, channel: &Channel) -> Result<Place, Failure> {
        let repo = self.repo.find(channel).await?;
        Ok(Place {
            repo,
            number: self.number.get(),
            is_pull: self.is_pull,
        })
    }
}

impl RepoReference {
    /// Finds out which repository it is.
    pub(super) async fn find(&self, channel: &Channel) -> Result<RepoName, Failure> {
        match self {
            Self::Full(name) => Ok(name.clone()),
            Self::Checkout => of_checkout(),
            Self::Short(short) => {
                let given = Given::new().with("include_counts", false);
                let repos = channel.call::<ListRepos>(given).await?;
                of_that_name(short, &repos)
            }
        }
    }
}

fn of_that_name(short: &str, repos: &Value) -> Result<RepoName, Failure> {
    let repos = repos["repos"].as_array().into_iter().flatten();
    let names = repos.filter_map(|repo| RepoName::parse(repo["full_name"].as_str()?).ok());
    let of_name = |name: &RepoName| {
        let (_, own) = name.as_str().split_once('/').unwrap_or_default();
        own.eq_ignore_ascii_case(short)
    };
    let found: Vec<RepoName> = names.filter(of_name).collect();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(
            Failure::nothing(format!("no repository is called {short} here"))
                .hint("Name it as owner/name."),
        ),
        several => {
            let all: Vec<&str> = several.iter().map(RepoName::as_str).collect();
            Err(Failure::usage(format!(
                "{short} may be {}: name it as owner/name",
                all.join(" or ")
            )))
        }
    }
}

/// The repository of the working folder.
fn of_checkout() -> Result<RepoName, Failure> {
    let asked = Command::new("git")
        .args(["config", "--get-regexp", r"^remote\..*\.url$"])
        .output();
    let lines = match asked {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
        _ => String::new(),
    };
    of_remotes(&lines).ok_or_else(|| {
        Failure::usage(
            "this folder is no checkout of a repository, so a number alone names no issue",
        )
        .hint("Name it as owner/name#NUMBER.")
    })
}

/// The repository of the remote `origin`, else of `upstream`, else of the only one.
fn of_remotes(lines: &str) -> Option<RepoName> {
    let remotes: Vec<(&str, RepoName)> = lines
        .lines()
        .filter_map(|line| {
            let (key, url) = line.split_once(' ')?;
            let remote = key.strip_prefix("remote.")?.strip_suffix(".url")?;
            Some((remote, of_remote(url)?))
        })
        .collect();
    let named = |name: &str| remotes.iter().find(|(remote, _)| *remote == name);
    let only = || {
        remotes
            .first()
            .filter(|(_, first)| remotes.iter().all(|(_, name)| name == first))
    };
    let found = named("origin").or_else(|| named("upstream")).or_else(only);
    found.map(|(_, name)| name.clone())
}

/// `git@host:acme/web.git`, `ssh://git@host/acme/web` or `https://host/acme/web.git`.
fn of_remote(url: &str) -> Option<RepoName> {
    let path = url.trim().trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    if path.starts_with(['/', '.']) {
        return None;
    }
    let mut parts = path.rsplit(['/', ':']);
    let (name, owner) = (parts.next()?, parts.next()?);
    parts.next()?;
    RepoName::new(owner, name).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_issue_has_several_names() {
        let full = |text: &str| RepoReference::Full(RepoName::parse(text).unwrap());
        for (text, repo, number, is_pull) in [
            ("acme/web#127", full("acme/web"), 127, false),
            (
                "web#127",
                RepoReference::Short("web".to_owned()),
                127,
                false,
            ),
            ("web!301", RepoReference::Short("web".to_owned()), 301, true),
            ("127", RepoReference::Checkout, 127, false),
            ("#127", RepoReference::Checkout, 127, false),
            (
                "https://github.com/acme/web/issues/127",
                full("acme/web"),
                127,
                false,
            ),
            (
                "https://github.com/acme/web/issues/127#issuecomment-5",
                full("acme/web"),
                127,
                false,
            ),
            (
                "https://ghe.example.com/acme/web/pull/8/files?w=1",
                full("acme/web"),
                8,
                true,
            ),
        ] {
            let number = IssueNumber::new(number).unwrap();
            assert_eq!(
                text.parse(),
                Ok(Reference {
                    repo,
                    number,
                    is_pull
                }),
                "{text}"
            );
        }
        for wrong in [
            "",
            "web",
            "web#",
            "web#x",
            "web#0",
            "web#99999999999",
            "a/b/c#1",
            "https://github.com/acme/web",
            "+7",
        ] {
            assert!(wrong.parse::<Reference>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_checkout_is_known_by_its_remotes() {
        let name = |lines: &str| of_remotes(lines).map(|name| name.to_string());
        for url in [
            "git@github.com:acme/web.git",
            "https://github.com/acme/web",
            "ssh://git@host:22/acme/web.git/",
        ] {
            assert_eq!(
                name(&format!("remote.origin.url {url}\n")).as_deref(),
                Some("acme/web"),
                "{url}"
            );
        }
        let fork = "remote.mine.url git@h:ann/web\nremote.upstream.url git@h:acme/web\n";
        assert_eq!(name(fork).as_deref(), Some("acme/web"));
        assert_eq!(
            name("remote.a.url git@h:a/w\nremote.b.url git@h:b/w\n"),
            None
        );
        assert_eq!(name("remote.origin.url /srv/git/acme/web.git\n"), None);
        assert_eq!(name(""), None);
    }

    #[test]
    fn a_short_name_must_be_the_name_of_one() {
        let repos = json!({ "repos": [{ "full_name": "acme/web" }, { "full_name": "acme/api" }, { "full_name": "other/Api" }] });
        assert_eq!(of_that_name("WEB", &repos).unwrap().as_str(), "acme/web");
        assert!(
            of_that_name("api", &repos)
                .unwrap_err()
                .message()
                .contains("acme/api or other/Api")
        );
        assert!(of_that_name("app", &repos).is_err());
    }
}
