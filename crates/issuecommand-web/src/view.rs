//! What templates make of values: ages, links, chips and sentences. Each gives HTML whose texts went through the escaper.

mod chart;
mod event;
mod time;

use std::fmt::{self, Write};

use askama::filters::Escaper;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_wire::record::{ClaimStatusName, IssueLineRecord, WorkingRecord};
use issuecommand_wire::record::{EventRecord, FollowupStatusName};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

pub(crate) use self::chart::{Chart, Day};
pub(crate) use self::time::duration;
use crate::escape::Visible;

/// From how many characters on a text is folded.
const LONG: usize = 400;
/// How many characters of it are seen when it is folded.
const BEGINNING: usize = 200;

/// What has a meaning in a path or a query.
const IN_URL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'\'')
    .add(b'+')
    .add(b'/')
    .add(b';')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'@')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// HTML, to be written as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Html(pub(crate) String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Html {
    /// Adds HTML of our own.
    pub(crate) fn tag(mut self, html: &str) -> Self {
        self.0.push_str(html);
        self
    }

    /// Adds a text.
    pub(crate) fn text(mut self, text: &str) -> Self {
        // Writing to a string cannot fail.
        let _ = Visible.write_escaped_str(&mut self.0, text);
        self
    }
}

/// One segment of a path, or one value of a query.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, IN_URL).to_string()
}

/// What a template knows besides its own values.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// The service's now.
    pub(crate) now: Timestamp,
    /// The address of GitHub's pages.
    pub(crate) github: String,
    /// Whether the viewer may change something.
    pub(crate) acts: bool,
    /// Whether the viewer sees all repositories.
    pub(crate) sees_all: bool,
    /// The page, as forms that come back to it name it.
    pub(crate) back: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    clippy::unused_self,
    reason = "templates call these with references, as methods"
)]
impl View {
    /// An issue, as a link to its page.
    pub(crate) fn issue(&self, repo: &str, number: &i64) -> Html {
        let Some((owner, name)) = repo.split_once('/') else {
            return Html::default().text(&format!("{repo}#{number}"));
        };
        let path = format!("/ui/i/{}/{}/{number}", encoded(owner), encoded(name));
        Html::default()
            .tag("<a href=\"")
            .text(&path)
            .tag("\">")
            .text(&format!("{repo}#{number}"))
            .tag("</a>")
    }

    /// An agent, as a link to its page.
    pub(crate) fn agent(&self, id: &str) -> Html {
        Html::default()
            .tag("<a class=\"m\" href=\"/ui/a/")
            .text(&encoded(id))
            .tag("\">")
            .text(id)
            .tag("</a>")
    }

    /// A link out of the dashboard, to the configured GitHub alone; the text alone for any other address.
    pub(crate) fn outside(&self, url: &str, label: &str) -> Html {
        let below = url.strip_prefix(self.github.as_str());
        let good = !self.github.is_empty() && below.is_some_and(|rest| rest.starts_with('/'));
        if !good {
            return Html::default().text(label);
        }
        Html::default()
            .tag("<a rel=\"noreferrer noopener\" href=\"")
            .text(url)
            .tag("\">")
            .text(label)
            .tag("</a>")
    }

    /// A pull request, as a link to GitHub.
    pub(crate) fn pull(&self, repo: &str, number: &i64) -> Html {
        let url = format!("{}/{repo}/pull/{number}", self.github);
        self.outside(&url, &format!("PR {number}"))
    }

    /// A pull request, as a link to its page there.
    pub(crate) fn pull_at(&self, url: &str, number: &i64) -> Html {
        self.outside(url, &format!("PR {number}"))
    }

    /// A text of any length: folded when it is long, and never cut.
    pub(crate) fn long(&self, text: &str) -> Html {
        let length = text.chars().count();
        if length <= LONG {
            return Html::default()
                .tag("<span class=\"pre\">")
                .text(text)
                .tag("</span>");
        }
        let end = text
            .char_indices()
            .nth(BEGINNING)
            .map_or(text.len(), |(at, _)| at);
        Html::default()
            .tag("<details><summary>")
            .text(&text[..end])
            .text(&format!("… ({length} characters)"))
            .tag("</summary><div class=\"pre\">")
            .text(text)
            .tag("</div></details>")
    }

    /// How long ago, counted on in the browser.
    pub(crate) fn age(&self, at: &str) -> Html {
        time::age(self.now, at)
    }

    /// A moment as the time of its day.
    pub(crate) fn clock(&self, at: &str) -> Html {
        time::clock(at)
    }

    /// A moment with its day.
    pub(crate) fn moment(&self, at: &str) -> Html {
        time::moment(at)
    }

    /// A sentence on an event.
    pub(crate) fn event(&self, event: &EventRecord) -> Html {
        event::sentence(self, event)
    }

    /// Where a claim stands, as a chip.
    pub(crate) fn claim(&self, work: &WorkingRecord) -> Html {
        let pull = work.pr_number.map(|number| format!("PR {number} · "));
        let (class, words) = if work.feedback > 0 && work.status.0 != ClaimStatus::Stale {
            ("q", "feedback waits".to_owned())
        } else {
            let (class, words) = claim_words(work.status.0);
            (class, words.to_owned())
        };
        chip(class, &format!("{}{words}", pull.unwrap_or_default()))
    }

    /// A claim's status alone, as a chip.
    pub(crate) fn claim_status(&self, status: &ClaimStatusName) -> Html {
        let (class, words) = claim_words(status.0);
        chip(class, words)
    }

    /// A follow-up's status, as a chip.
    pub(crate) fn followup_status(&self, status: &FollowupStatusName) -> Html {
        let (class, words) = match status.0 {
            FollowupStatus::Queued => ("q", "waits"),
            FollowupStatus::Claimed => ("w", "taken"),
            FollowupStatus::InProgress => ("w", "in progress"),
            FollowupStatus::Stale => ("x", "stale"),
            FollowupStatus::Done => ("p", "done"),
            FollowupStatus::Dismissed => ("", "dismissed"),
        };
        chip(class, words)
    }

    /// Where an issue stands, as a chip.
    pub(crate) fn issue_state(&self, issue: &IssueLineRecord) -> Html {
        match (issue.state, issue.position, &issue.status) {
            ("ready", Some(position), _) => chip("p", &format!("ready, place {position}")),
            ("ready", None, _) => chip("p", "ready"),
            ("held", _, Some(status)) => self.claim_status(status),
            ("blocked", ..) => chip("q", "not offered"),
            (state, ..) => chip("", state),
        }
    }
}

fn claim_words(status: ClaimStatus) -> (&'static str, &'static str) {
    match status {
        ClaimStatus::Claimed => ("w", "claimed"),
        ClaimStatus::InProgress => ("w", "in progress"),
        ClaimStatus::PrSubmitted => ("p", "in review"),
        ClaimStatus::PrMerged => ("p", "merged"),
        ClaimStatus::Stale => ("x", "stale"),
        ClaimStatus::Closed => ("p", "closed"),
        ClaimStatus::Released => ("", "released"),
    }
}

/// A word with a frame; the colour only repeats it.
pub(crate) fn chip(class: &str, words: &str) -> Html {
    let mut html = Html::default();
    let _ = write!(html.0, "<span class=\"s {class}\">");
    html.text(words).tag("</span>")
}
