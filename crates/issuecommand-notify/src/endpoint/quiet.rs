//! Hours in which people are told nothing.

use issuecommand_core::domain::time::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

/// Hours of each day, from one time to another, perhaps over midnight.
#[derive(Clone, Debug)]
pub struct QuietHours {
    from: Time,
    to: Time,
    zone: TimeZone,
}

impl QuietHours {
    /// Reads `22:00-07:00`, in this time zone, or in this machine's.
    pub(super) fn read(hours: &str, zone: Option<&str>) -> Result<Self, String> {
        let wrong = || format!("quiet {hours:?}: it is two times of a day, such as 22:00-07:00");
        let (from, to) = hours.split_once('-').ok_or_else(wrong)?;
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).map_err(|_| wrong());
        let (from, to) = (time(from)?, time(to)?);
        if from == to {
            return Err(wrong());
        }
        let zone = match zone {
            Some(name) => TimeZone::get(name)
                .map_err(|_| format!("zone {name:?}: this machine knows no such time zone; one is Europe/Berlin, another UTC"))?,
            None => TimeZone::system(),
        };
        Ok(Self { from, to, zone })
    }

    /// The time zone.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether nobody is told anything at this time.
    pub fn has(&self, now: Timestamp) -> bool {
        let Ok(instant) = jiff::Timestamp::from_millisecond(now.0) else {
            return false;
        };
        let time = instant.to_zoned(self.zone.clone()).time();
        if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_go_over_midnight_and_follow_their_zone() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let night = QuietHours::read("22:00-07:00", Some("Europe/Berlin")).unwrap();
        // In winter an hour ahead of UTC, in summer two.
        for (moment, quiet) in [
            ("2026-11-30T20:59:59Z", false),
            ("2026-11-30T21:00:00Z", true),
            ("2026-12-01T05:59:59Z", true),
            ("2026-12-01T06:00:00Z", false),
            ("2026-07-01T20:00:00Z", true),
            ("2026-07-01T05:00:00Z", false),
        ] {
            assert_eq!(night.has(at(moment)), quiet, "{moment}");
        }
        let noon = QuietHours::read("12:00-13:30", Some("UTC")).unwrap();
        assert!(noon.has(at("2026-11-30T13:29:00Z")));
        assert!(!noon.has(at("2026-11-30T13:30:00Z")) && !noon.has(at("2026-11-30T11:59:00Z")));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "22:00",
            "22-7",
            "25:00-07:00",
            "07:00-07:00",
            "22:00-07:00-08:00",
        ] {
            assert!(QuietHours::read(text, None).is_err(), "{text}");
        }
        let error = QuietHours::read("22:00-07:00", Some("Mars/Olympus")).unwrap_err();
        assert!(error.contains("Europe/Berlin"), "{error}");
    }
}
