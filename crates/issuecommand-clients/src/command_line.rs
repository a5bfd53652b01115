//! Command lines of hooks: which program one runs, and with which words.

/// A command of a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) program: String,
    /// The words that are no options and no values of one.
    pub(crate) words: Vec<String>,
    /// Options with their values; every option of `hook` and `wait` has one.
    pub(crate) options: Vec<(String, String)>,
}

/// What may follow a hook so that its end is never an error.
const NOTHING: [&str; 4] = ["", "true", ":", "exit 0"];

impl Call {
    /// The command of a line, if it is the only one.
    pub(crate) fn of_line(line: &str) -> Option<Self> {
        Self::of_words(words(line)?)
    }

    /// The command of words that no shell reads.
    pub(crate) fn of_words(words: Vec<String>) -> Option<Self> {
        let mut all = words.into_iter().skip_while(|word| is_assignment(word));
        let mut call = Self {
            program: all.next()?,
            words: Vec::new(),
            options: Vec::new(),
        };
        while let Some(word) = all.next() {
            let Some(option) = word.strip_prefix("--") else {
                call.words.push(word);
                continue;
            };
            let pair = match option.split_once('=') {
                Some((name, value)) => (name.to_owned(), value.to_owned()),
                None => (option.to_owned(), all.next().unwrap_or_default()),
            };
            call.options.push(pair);
        }
        Some(call)
    }

    /// Whether it runs IssueCommand: by its name, or by the path at which `install` enters it.
    pub(crate) fn runs(&self, program: &str) -> bool {
        let name = self.program.rsplit(['/', '\\']).next().unwrap_or_default();
        let is_named = match name.rsplit_once('.') {
            Some((stem, end)) => stem == "issuecommand" && end.eq_ignore_ascii_case("exe"),
            None => name == "issuecommand",
        };
        is_named || !program.is_empty() && self.program == program
    }
}

/// `NAME=VALUE` in front of a command.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// The words of a line without their quotes; `None` if another command follows, or a quote is open.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"'), '\\') if next == Some('"') => {
                word.get_or_insert_default()
                    .extend(chars.next().map(|(_, escaped)| escaped));
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            // Before anything else it parts folders, as on Windows.
            (None, '\\')
                if next.is_some_and(|next| next.is_whitespace() || "'\"".contains(next)) =>
            {
                let escaped = chars.next().map(|(_, escaped)| escaped);
                word.get_or_insert_default().extend(escaped);
            }
            // PowerShell calls a quoted path in this way.
            (None, '&') if words.is_empty() && word.is_none() => {}
            (None, '&') if word.as_ref().is_some_and(|word| word.ends_with('>')) => {
                word.get_or_insert_default().push(c);
            }
            (None, ';' | '|' | '&' | '\n') => {
                let rest =
                    line[at..].trim_matches(|c: char| c.is_whitespace() || ";|&".contains(c));
                if !NOTHING.contains(&rest) {
                    return None;
                }
                break;
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(line: &str) -> Option<String> {
        Call::of_line(line).map(|call| call.program)
    }

    #[test]
    fn quotes_of_every_shell_are_read() {
        for (line, wanted) in [
            ("issuecommand hook codex stop", "issuecommand"),
            ("'/a b/issuecommand' hook", "/a b/issuecommand"),
            ("'/o'\\''neil/issuecommand' hook", "/o'neil/issuecommand"),
            (
                r#""C:\Program Files\issuecommand.exe" hook"#,
                r"C:\Program Files\issuecommand.exe",
            ),
            (r"C:\bin\issuecommand.exe hook", r"C:\bin\issuecommand.exe"),
            (r"/a\ b/issuecommand hook", "/a b/issuecommand"),
            (r#""/a \"b\"/issuecommand" hook"#, "/a \"b\"/issuecommand"),
            (
                "& 'C:\\a b\\issuecommand.exe' hook",
                "C:\\a b\\issuecommand.exe",
            ),
            ("LOG_LEVEL=debug A='b c' issuecommand hook", "issuecommand"),
            ("issuecommand hook x y 2>&1 || true", "issuecommand"),
            ("issuecommand hook x y;", "issuecommand"),
        ] {
            assert_eq!(program(line).as_deref(), Some(wanted), "{line}");
        }
        for line in [
            "",
            "issuecommand hook a b && beep",
            "issuecommand 'hook",
            "a | issuecommand hook",
        ] {
            assert_eq!(program(line), None, "{line}");
        }
    }

    #[test]
    fn options_stand_anywhere() {
        let call =
            Call::of_line("ic --config f --set A=b hook --remote=u codex stop --wait 8h").unwrap();
        assert_eq!(call.words, ["hook", "codex", "stop"]);
        let names: Vec<_> = call.options.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["config", "set", "remote", "wait"]);
        assert_eq!(call.options[1].1, "A=b");
    }

    #[test]
    fn the_program_is_known_by_its_file_name_alone() {
        let runs = |line: &str| Call::of_line(line).unwrap().runs("/opt/ic");
        for line in [
            "issuecommand hook",
            "/x/issuecommand hook",
            r"C:\x\issuecommand.EXE hook",
            "/opt/ic hook",
        ] {
            assert!(runs(line), "{line}");
        }
        for line in [
            "/opt/deja/bin/deja hook",
            "agent-tracker hook",
            "/issuecommand/bin/x hook",
            "my-issuecommand hook",
            "issuecommand-mcp hook",
            "issuecommand.sh hook",
        ] {
            assert!(!runs(line), "{line}");
        }
    }
}
