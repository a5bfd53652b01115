//! The mode of the terminal while something is typed.

#[cfg(unix)]
use std::io;

/// How typed text is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typing {
    /// A line at a time, which is not shown.
    Hidden,
    /// A key at a time, which is not shown.
    Keys,
}

/// While it lives, the terminal takes typed text so. Then it is as it was.
#[derive(Debug)]
pub(super) struct TypingMode {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

#[cfg(unix)]
impl TypingMode {
    pub(super) fn begin(typing: Typing) -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(io::stdin()).ok();
        if let Some(before) = &before {
            let mut mode = before.clone();
            mode.local_modes.remove(match typing {
                Typing::Hidden => LocalModes::ECHO,
                Typing::Keys => LocalModes::ECHO | LocalModes::ICANON,
            });
            // A terminal that cannot do it shows what is typed, as it always does.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &mode);
        }
        Self { before }
    }
}

#[cfg(unix)]
impl Drop for TypingMode {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(before) = &self.before {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
    }
}

#[cfg(not(unix))]
impl TypingMode {
    pub(super) fn begin(_: Typing) -> Self {
        Self {}
    }
}
