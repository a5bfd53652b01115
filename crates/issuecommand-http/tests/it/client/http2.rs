//! Hand-written HTTP/2 frames for these tests.

/// The preface of a connection, with a window of so many bytes for each response.
pub(crate) fn greeting(window: u32) -> Vec<u8> {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    let setting = [&[0, 4][..], &window.to_be_bytes()].concat();
    bytes.extend(frame(4, 0, 0, &setting));
    bytes
}

/// `GET` of a path without further headers, as a stream of its own.
pub(crate) fn get(stream: u32, path: &str) -> Vec<u8> {
    // `:method GET` and `:scheme http` of the static table, then `:path` and `:authority` as literals.
    let mut headers = vec![0x82, 0x86, 0x04, u8::try_from(path.len()).unwrap()];
    headers.extend(path.as_bytes());
    headers.extend(b"\x01\x04test");
    // The end of the headers, and of the stream.
    frame(1, 5, stream, &headers)
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}
