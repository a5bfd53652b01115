//! Detects the marker of agents' replies in a text, outside of quotations and code.

use issuecommand_core::domain::webhook::MARKER;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// HTML elements whose text is code or a quotation.
const FOREIGN: [&str; 3] = ["blockquote", "pre", "code"];
/// Longer than any of those names.
const LONGEST_TAG: usize = 16;

/// Whether Markdown parses the marker as an HTML comment of the text itself.
pub(crate) fn is_marked(markdown: &str) -> bool {
    if !markdown.contains(MARKER) {
        return false;
    }
    // Nesting depth in quotations and code, of Markdown and of HTML.
    let (mut foreign, mut foreign_html) = (0_usize, 0_usize);
    for event in Parser::new_ext(markdown, Options::empty()) {
        match event {
            Event::Start(Tag::BlockQuote(_) | Tag::CodeBlock(_)) => foreign += 1,
            Event::End(TagEnd::BlockQuote(_) | TagEnd::CodeBlock) => {
                foreign = foreign.saturating_sub(1);
            }
            Event::Html(html) | Event::InlineHtml(html) if foreign == 0 => {
                let mut rest = html.as_ref();
                while let Some(at) = rest.find('<') {
                    rest = &rest[at..];
                    if foreign_html == 0 && rest.starts_with(MARKER) {
                        return true;
                    }
                    let (closes, name) = tag(rest);
                    if FOREIGN
                        .iter()
                        .any(|foreign| name.eq_ignore_ascii_case(foreign))
                    {
                        foreign_html = if closes {
                            foreign_html.saturating_sub(1)
                        } else {
                            foreign_html + 1
                        };
                    }
                    rest = &rest[1..];
                }
            }
            _ => {}
        }
    }
    false
}

/// Whether the tag at the start of a text is a closing one, and its name. Longer names than those in the list are cut, so that
/// a text of many tags is read in linear time.
fn tag(text: &str) -> (bool, &str) {
    let text = text.strip_prefix('<').unwrap_or(text);
    let (closes, text) = match text.strip_prefix('/') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let letters = text.bytes().take(LONGEST_TAG);
    let end = letters.take_while(u8::is_ascii_alphanumeric).count();
    (closes, &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marker_counts_where_its_author_wrote_it() {
        for reply in [
            MARKER.to_owned(),
            format!("Done in abc.\n\n{MARKER}"),
            format!("Done. {MARKER}"),
            format!("{MARKER}\nDone."),
            format!("> Please add a test.\n\nDone.\n{MARKER}"),
            format!("- done {MARKER}"),
            format!("<b>Done</b> {MARKER}"),
            format!("<blockquote>Please</blockquote>\n\nDone.\n\n{MARKER}"),
        ] {
            assert!(is_marked(&reply), "{reply:?}");
        }
    }

    #[test]
    fn a_text_of_only_tags_is_read_in_linear_time() {
        for unit in ["<", "</", "<a", "<code", "</code", "<<blockquote>"] {
            let many = unit.repeat(200_000);
            assert!(
                is_marked(&format!("<div>\n{many}\n\n{MARKER}"))
                    || unit.contains("code")
                    || unit.contains("quote")
            );
        }
        assert_eq!(tag(&format!("<{}", "a".repeat(1_000))).1.len(), LONGEST_TAG);
        assert_eq!(tag("</CODE class=\"x\">"), (true, "CODE"));
        assert_eq!(tag("<<pre>"), (false, ""));
    }

    #[test]
    fn a_quoted_marker_is_ignored() {
        for said in [
            "Done.".to_owned(),
            format!("> Done in abc.\n> {MARKER}\n\nNo, it still fails."),
            format!("> > {MARKER}\n\nNo."),
            format!("Use `{MARKER}` in replies."),
            format!("```\n{MARKER}\n```\nlike this"),
            format!("~~~html\n{MARKER}"),
            format!("Like this:\n\n    {MARKER}\n"),
            format!("<blockquote>{MARKER}</blockquote>\n\nNo."),
            format!("<pre>\n{MARKER}\n</pre>"),
            "<!-- issuecommand".to_owned(),
        ] {
            assert!(!is_marked(&said), "{said:?}");
        }
    }
}
