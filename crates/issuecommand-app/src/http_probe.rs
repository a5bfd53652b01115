//! Sends one HTTP request to a server on this machine, to find out which process has the port and whether the service is
//! healthy.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The most bytes of a response that are read.
const ENOUGH: u64 = 64 * 1024;

/// An address to connect to for a bound address.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let local = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(local, address.port())
}

/// The status and the body of the response to a GET, with this key if there is one.
pub(crate) async fn get(
    address: SocketAddr,
    path: &str,
    key: Option<&str>,
) -> io::Result<(u16, String)> {
    let key = key.map(|key| format!("Bearer {key}"));
    let header = key.as_deref().map(|key| ("Authorization", key));
    get_with(address, path, header).await
}

/// The same with an extra header.
pub(crate) async fn get_with(
    address: SocketAddr,
    path: &str,
    header: Option<(&str, &str)>,
) -> io::Result<(u16, String)> {
    let address = reachable(address);
    let mut stream = TcpStream::connect(address).await?;
    let header = header.map(|(name, value)| format!("{name}: {value}\r\n"));
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\n{}Connection: close\r\n\r\n",
        header.unwrap_or_default()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(ENOUGH).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3)?.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("it does not speak HTTP"))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.to_owned()))
}
