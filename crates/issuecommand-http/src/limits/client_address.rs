//! The address that a request comes from, as the key of its bucket.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use issuecommand_executor::limits::BucketKey;

/// The key of a request: the address at the other end of its socket, or the client's address that a trusted proxy names there.
/// Requests without a socket share one key.
pub(super) fn of(headers: &HeaderMap, extensions: &Extensions, trust_proxy: bool) -> BucketKey {
    let forwarded = trust_proxy.then(|| forwarded_address(headers)).flatten();
    let socket = || extensions.get::<ConnectInfo<SocketAddr>>();
    forwarded
        .or_else(|| socket().map(|ConnectInfo(address)| address.ip()))
        .map_or(0, bucket_key)
}

/// The first address of `x-forwarded-for`, else `x-real-ip`. A text that is no address counts for nothing.
fn forwarded_address(headers: &HeaderMap) -> Option<IpAddr> {
    let header = |name| headers.get(name)?.to_str().ok();
    let forwarded = header("x-forwarded-for").and_then(|list| list.split(',').next());
    forwarded
        .and_then(parse_address)
        .or_else(|| header("x-real-ip").and_then(parse_address))
}

/// Reads an address with or without a port; some proxies write the one of IPv6 in brackets.
fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    text.parse()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .ok()
        .or_else(|| bare?.parse().ok())
}

/// The key of an address. IPv6 addresses count by their /64, since a host has all 2^64 addresses of it. An IPv4 address has the
/// same key through a socket of IPv6.
pub(crate) fn bucket_key(address: IpAddr) -> BucketKey {
    match address.to_canonical() {
        IpAddr::V4(address) => BucketKey::from(address.to_ipv6_mapped().to_bits()),
        IpAddr::V6(address) => address.to_bits() & (BucketKey::MAX << 64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(trust: bool, headers: &[(&'static str, &'static str)]) -> BucketKey {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let mut extensions = Extensions::new();
        let socket: SocketAddr = "192.0.2.1:4711".parse().unwrap();
        extensions.insert(ConnectInfo(socket));
        of(&map, &extensions, trust)
    }

    fn at(text: &str) -> BucketKey {
        bucket_key(text.parse().unwrap())
    }

    #[test]
    fn headers_count_behind_a_trusted_proxy_alone() {
        let both = [
            ("x-forwarded-for", "198.51.100.7, 203.0.113.9"),
            ("x-real-ip", "203.0.113.9"),
        ];
        assert_eq!(asked(false, &both), at("192.0.2.1"));
        assert_eq!(asked(true, &both), at("198.51.100.7"));
        assert_eq!(asked(true, &both[1..]), at("203.0.113.9"));
        assert_eq!(asked(true, &[]), at("192.0.2.1"));
    }

    #[test]
    fn an_invalid_forwarded_address_is_ignored() {
        for text in ["", "unknown", "_hidden", "1.2.3", "198.51.100.7.", ","] {
            let forwarded = ("x-forwarded-for", text);
            assert_eq!(asked(true, &[forwarded]), at("192.0.2.1"), "{text:?}");
            let real = ("x-real-ip", "203.0.113.9");
            assert_eq!(asked(true, &[forwarded, real]), at("203.0.113.9"));
        }
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for text in [
            "198.51.100.7",
            " 198.51.100.7 ",
            "198.51.100.7:80",
            "::ffff:198.51.100.7",
        ] {
            assert_eq!(
                parse_address(text).map(bucket_key),
                Some(at("198.51.100.7")),
                "{text:?}"
            );
        }
        for text in ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:443"] {
            assert_eq!(
                parse_address(text).map(bucket_key),
                Some(at("2001:db8::1")),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_network_of_ipv6_is_one_caller_and_each_address_of_ipv4_is_one() {
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1:2:3"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_ne!(at("198.51.100.7"), at("198.51.100.8"));
        assert_eq!(at("::ffff:198.51.100.7"), at("198.51.100.7"));
        assert_ne!(at("::1"), at("198.51.100.7"));
    }
}
