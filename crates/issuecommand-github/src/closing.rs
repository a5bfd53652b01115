//! Finds the issues that a pull request's description closes. As GitHub does, it ignores comments, code and quotations.

use issuecommand_core::domain::closing_keywords::closed_by;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::repo_name::RepoName;
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

/// The most bytes that are read. GitHub allows descriptions of 65,536 characters.
const LONGEST: usize = 256 << 10;

/// HTML elements whose text is code or a quotation.
const SILENT: [&str; 7] = [
    "pre",
    "code",
    "blockquote",
    "tt",
    "script",
    "style",
    "template",
];

/// The issues that a description closes; see [`closed_by`].
pub(crate) fn closing(
    description: &str,
    home: &RepoName,
    host: &str,
) -> Vec<(RepoName, IssueNumber)> {
    closed_by(&plain(description), home, host)
}

/// The author's own text of a Markdown document. Omitted parts leave a line break, so that no keyword meets a number.
fn plain(markdown: &str) -> String {
    let end = markdown.floor_char_boundary(LONGEST.min(markdown.len()));
    let mut text = Plain::default();
    for event in Parser::new_ext(&markdown[..end], Options::empty()) {
        text.take(&event);
    }
    text.said
}

#[derive(Default)]
struct Plain {
    said: String,
    /// The nesting depth in ignored Markdown.
    silent: usize,
    /// The nesting depth in ignored HTML elements, which may end anywhere.
    silent_html: usize,
    /// Inside an HTML comment.
    in_comment: bool,
}

impl Plain {
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(Tag::BlockQuote(_) | Tag::CodeBlock(_) | Tag::Image { .. }) => {
                self.gap();
                self.silent += 1;
            }
            Event::End(TagEnd::BlockQuote(_) | TagEnd::CodeBlock | TagEnd::Image) => self.speak(),
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                ..
            }) => {
                // A link counts by its target, not by its text.
                let words = match link_type {
                    LinkType::Email => "",
                    _ => dest_url,
                };
                self.say(words);
                self.silent += 1;
            }
            Event::End(TagEnd::Link) => self.silent = self.silent.saturating_sub(1),
            Event::Text(words) => self.say(words),
            Event::Html(html) | Event::InlineHtml(html) => self.html(html),
            Event::Start(tag) if is_inline(tag) => {}
            Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough) => {}
            Event::SoftBreak
            | Event::HardBreak
            | Event::Rule
            | Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_)
            | Event::Start(_)
            | Event::End(_) => self.gap(),
        }
    }

    fn say(&mut self, words: &str) {
        if self.silent == 0 && self.silent_html == 0 && !self.in_comment {
            self.said.push_str(words);
        }
    }

    fn gap(&mut self) {
        self.said.push('\n');
    }

    fn speak(&mut self) {
        self.silent = self.silent.saturating_sub(1);
        self.gap();
    }

    /// HTML text counts; its tags and comments do not.
    fn html(&mut self, html: &str) {
        let mut rest = html;
        loop {
            if self.in_comment {
                let Some((_, after)) = rest.split_once("-->") else {
                    return;
                };
                (self.in_comment, rest) = (false, after);
            }
            let Some((words, tag)) = rest.split_once('<') else {
                self.say(rest);
                return;
            };
            self.say(words);
            self.gap();
            if let Some(after) = tag.strip_prefix("!--") {
                (self.in_comment, rest) = (true, after);
                continue;
            }
            // A tag without an end hides the rest.
            let Some((tag, after)) = tag.split_once('>') else {
                return;
            };
            self.tag(tag);
            rest = after;
        }
    }

    fn tag(&mut self, tag: &str) {
        let (ends, tag) = match tag.strip_prefix('/') {
            Some(tag) => (true, tag),
            None => (false, tag),
        };
        let name = tag
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        if !SILENT
            .iter()
            .any(|silent| silent.eq_ignore_ascii_case(name))
        {
            return;
        }
        if ends {
            self.silent_html = self.silent_html.saturating_sub(1);
        } else {
            self.silent_html += 1;
        }
    }
}

fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn closes(text: &str) -> Vec<String> {
        let home = RepoName::parse("acme/api").unwrap();
        closing(text, &home, "github.com")
            .into_iter()
            .map(|(repo, n)| format!("{repo}#{n}"))
            .collect()
    }

    #[test]
    fn only_rendered_text_counts() {
        for text in [
            "Closes #1",
            "A line\n\nCloses #1\n",
            "# Closes #1",
            "- [x] tests\n- Closes #1",
            "**Closes** #1",
            "Closes **#1**",
            "*fixes #1*",
            "<!-- what does it close? -->\nCloses #1",
            "Closes <!-- number --> nothing. Fixes #1",
            "<details>\n<summary>More</summary>\nCloses #1\n</details>",
            "<details>\n\nCloses #1\n\n</details>",
            "> somebody said\n\nCloses #1",
            "```\ncode\n```\nCloses #1",
            "Closes https://github.com/acme/api/issues/1",
            "Closes <https://github.com/acme/api/issues/1>",
            "Closes [the issue](https://github.com/acme/api/issues/1)",
            "| a | b |\n|---|---|\n| Closes #1 | x |",
        ] {
            assert_eq!(closes(text), ["acme/api#1"], "{text}");
        }
    }

    #[test]
    fn keywords_in_comments_code_and_quotes_are_ignored() {
        for text in [
            "<!-- Closes #1 -->",
            "Text <!-- Closes #1 --> text",
            "<!--\nCloses #1\n\nCloses #1\n-->",
            "<!-- Closes #1",
            "`Closes #1`",
            "``Closes `#1` ``",
            "Closes `#1`",
            "```\nCloses #1\n```",
            "```text\nCloses #1",
            "~~~\nCloses #1\n~~~",
            "Text\n\n    Closes #1\n",
            "\tCloses #1",
            "> Closes #1",
            "> > Closes #1",
            "- > Closes #1",
            "> Closes #1\ncontinued lazily: closes #1",
            "> </code></blockquote> Closes #1",
            "<code>Closes #1</code>",
            "<pre>\nCloses #1\n</pre>",
            "<pre>\n\nCloses #1\n\n</pre>",
            "<blockquote>\n\nCloses #1\n\n</blockquote>",
            "<p title=\"Closes #1\">text</p>",
            "![Closes #1](https://example.com/x.png)",
            "Closes [#1](https://gitlab.com/acme/api/issues/1)",
            "Closes [#1](https://github.com/acme/api/pull/1)",
            "Closes https://ghe.example/acme/api/issues/1",
            "Closes\n\n#1",
        ] {
            assert_eq!(closes(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_qualified_changelog_reference_is_for_the_other_repository() {
        let text = "* mend it, closes [#12](https://github.com/lib/lib/issues/12)";
        assert_eq!(closes(text), ["lib/lib#12"]);
    }

    #[test]
    fn a_description_of_one_megabyte_is_parsed_quickly() {
        let many: Vec<String> = (1..=90_000).map(|n| format!("closes #{n}")).collect();
        let many = many.join(" ");
        let began = Instant::now();
        assert_eq!(
            closes(&many).len(),
            issuecommand_core::domain::closing_keywords::MOST
        );
        for unit in [
            "<a ", "<!--", "> ", "[", "`", "*a_ ", "closes [", "<code>", "closes:", "![](", "- ",
        ] {
            closes(&unit.repeat(1_000_000 / unit.len()));
        }
        let took = began.elapsed();
        assert!(took < Duration::from_secs(20), "{took:?}");
    }
}
