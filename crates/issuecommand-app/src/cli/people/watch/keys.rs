//! The keys that a person presses.

use std::io::{self, Read as _};
use std::thread;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Up,
    Down,
    Quit,
    Other(u8),
}

/// The keys, as they come.
#[derive(Debug)]
pub(super) struct Keys(UnboundedReceiver<Key>);

impl Keys {
    /// Reads them in a thread of its own, which ends with the process: reading a terminal cannot be stopped.
    pub(super) fn begin() -> Self {
        let (send, receive) = unbounded_channel();
        thread::spawn(move || {
            let mut buffer = [0; 64];
            let mut stdin = io::stdin().lock();
            while let Ok(read @ 1..) = stdin.read(&mut buffer) {
                for key in keys(&buffer[..read]) {
                    if send.send(key).is_err() {
                        return;
                    }
                }
            }
        });
        Self(receive)
    }

    /// The next key; `None` if the terminal is gone.
    pub(super) async fn next(&mut self) -> Option<Key> {
        self.0.recv().await
    }
}

/// The keys of what was read at once. A terminal sends the sequence of one key at once.
fn keys(mut bytes: &[u8]) -> Vec<Key> {
    let mut keys = Vec::new();
    while let Some((first, rest)) = bytes.split_first() {
        bytes = rest;
        let key = match first {
            0x1b => match rest {
                [b'[' | b'O', code, rest @ ..] => {
                    bytes = rest;
                    match code {
                        b'A' => Key::Up,
                        b'B' => Key::Down,
                        _ => continue,
                    }
                }
                _ => Key::Quit,
            },
            b'k' => Key::Up,
            b'j' => Key::Down,
            b'q' | 3 | 4 => Key::Quit,
            other => Key::Other(*other),
        };
        keys.push(key);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_are_keys() {
        assert_eq!(
            keys(b"\x1b[A\x1bOBjkr"),
            [Key::Up, Key::Down, Key::Down, Key::Up, Key::Other(b'r')]
        );
        assert_eq!(keys(b"\x1b"), [Key::Quit]);
        assert_eq!(keys(b"\x1b[Cq"), [Key::Quit]);
    }
}
