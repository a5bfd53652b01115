//! One request over a connection of its own, directly or through the proxy of `http_proxy`.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, ErrorKind, Write as _};
use std::net::{IpAddr, TcpStream};

use reqwest::Url;

use crate::answer::Answer;
use crate::login;
use crate::request::Request;

/// Sends it and reads the head of the response.
pub(crate) fn exchange(request: &Request) -> io::Result<Answer> {
    assert_eq!(
        request.url.scheme(),
        "http",
        "the stand-in speaks HTTP alone: {}",
        request.url
    );
    let proxy = proxy(&request.url);
    let at = proxy.as_ref().unwrap_or(&request.url);
    let port = at.port_or_known_default().unwrap_or(80);
    let connection = TcpStream::connect((host(at), port))?;
    send(&connection, request, proxy.is_some())?;
    let mut reader = BufReader::new(connection);
    loop {
        let answer = head(&mut reader)?;
        // An interim response, such as 100.
        if !(100..200).contains(&answer.status) {
            return Ok(Answer {
                reader: Some(reader),
                ..answer
            });
        }
    }
}

/// The name or address to connect to: an IPv6 address without its brackets.
fn host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.trim_start_matches('[').trim_end_matches(']')
}

/// The proxy as Go reads the environment: none for this machine itself.
fn proxy(url: &Url) -> Option<Url> {
    let variable = |names: [&str; 2]| {
        let values = names
            .into_iter()
            .filter_map(|name| std::env::var(name).ok());
        values.into_iter().find(|value| !value.is_empty())
    };
    let host = host(url);
    let loopback = host
        .parse()
        .is_ok_and(|address: IpAddr| address.is_loopback());
    let excepted = variable(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    let is_excepted = |name: &str| {
        let name = name.trim().trim_start_matches('.');
        name == "*" || name == host || (!name.is_empty() && host.ends_with(&format!(".{name}")))
    };
    if host == "localhost" || loopback || excepted.split(',').any(is_excepted) {
        return None;
    }
    let proxy = variable(["HTTP_PROXY", "http_proxy"])?;
    Some(proxy.parse().expect("the proxy's address"))
}

fn send(mut connection: &TcpStream, request: &Request, to_proxy: bool) -> io::Result<()> {
    let url = &request.url;
    let authority = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    let target = if to_proxy {
        url.to_string()
    } else {
        let query = url.query().map(|query| format!("?{query}"));
        format!("{}{}", url.path(), query.unwrap_or_default())
    };
    let mut head = format!(
        "{} {target} HTTP/1.1\r\nHost: {authority}\r\n",
        request.method
    );
    let mut add = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = write!(head, "{name}: {value}\r\n");
    };
    for (name, value) in &request.headers {
        add(name, value);
    }
    if request.header("User-Agent").is_none() {
        add("User-Agent", "GitHub CLI 0.0.0");
    }
    if request.header("Accept").is_none() {
        add("Accept", "");
    }
    if request.header("Content-Type").is_none() {
        add("Content-Type", "application/json; charset=utf-8");
    }
    if let Some(token) = login::token(&authority)
        && request.header("Authorization").is_none()
    {
        add("Authorization", &format!("token {token}"));
    }
    if request.body.is_some() {
        // From a pipe, whose length gh does not know.
        add("Transfer-Encoding", "chunked");
    }
    head.push_str("\r\n");
    connection.write_all(head.as_bytes())?;
    if let Some(body) = &request.body {
        if !body.is_empty() {
            write!(connection, "{:x}\r\n", body.len())?;
            connection.write_all(body)?;
            connection.write_all(b"\r\n")?;
        }
        connection.write_all(b"0\r\n\r\n")?;
    }
    Ok(())
}

/// Status and headers.
fn head(reader: &mut impl BufRead) -> io::Result<Answer> {
    let first = line(reader)?;
    let malformed = |what: &str| {
        let line = String::from_utf8_lossy(&first).into_owned();
        let words =
            format!("net/http: HTTP/1.x transport connection broken: malformed {what} \"{line}\"");
        io::Error::new(ErrorKind::InvalidData, words)
    };
    let text = str::from_utf8(&first).map_err(|_| malformed("HTTP response"))?;
    let (version, rest) = text
        .split_once(' ')
        .filter(|(version, _)| version.starts_with("HTTP/1."))
        .ok_or_else(|| malformed("HTTP response"))?;
    let status = rest.split(' ').next().and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| malformed("HTTP status code"))?;
    let (version, phrase) = (version.to_owned(), rest.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = line(reader)?;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let colon = colon.ok_or_else(|| malformed("MIME header: missing colon:"))?;
        let name = String::from_utf8_lossy(&line[..colon]).into_owned();
        headers.push((name, line[colon + 1..].trim_ascii().to_vec()));
    }
    Ok(Answer {
        version,
        status,
        phrase,
        headers,
        reader: None,
    })
}

/// A line without its end.
fn line(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    if !line.ends_with(b"\n") {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    line.truncate(line.len() - 1);
    if line.ends_with(b"\r") {
        line.truncate(line.len() - 1);
    }
    Ok(line)
}

/// The error in Go's words.
pub(crate) fn go_words(error: &io::Error, url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or(80);
    match error.kind() {
        ErrorKind::UnexpectedEof => "EOF".to_owned(),
        ErrorKind::ConnectionRefused => {
            format!("dial tcp {}:{port}: connect: connection refused", host(url))
        }
        ErrorKind::ConnectionReset => "read: connection reset by peer".to_owned(),
        ErrorKind::InvalidData => error.to_string(),
        // Errors of the system's resolver have no kind of their own.
        _ if error.to_string().contains("lookup") => format!("lookup {}: no such host", host(url)),
        _ => error.to_string(),
    }
}
