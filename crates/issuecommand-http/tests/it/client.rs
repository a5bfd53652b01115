//! Bytes of HTTP/2 that no library would send.

pub(crate) mod http2;
