//! What a client sends that no library would: the bytes of HTTP/2.

pub(crate) mod http2;
