//! Handles a clock that was set, or that stood still during a suspend. A small step back is waited out. After a large one the
//! store follows the clock and corrects its future times. A forward jump does not prove that an agent was silent, so silence
//! counts from the jump.

use serde::{Deserialize, Serialize};

use super::{Millis, Timestamp};

/// The largest step back that is waited out. Time stands still meanwhile.
pub const MAX_STEP_BACK: Millis = Millis::minutes(5);

/// A larger difference between two readings is a jump. While any process runs, a store is read every few seconds.
pub const MAX_PAUSE: Millis = Millis::minutes(10);

/// How long after a step back a forward jump of the same length counts as its return.
const MAX_EXCURSION: Millis = Millis::minutes(24 * 60);

/// A sudden change of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The last time before.
    pub from: Timestamp,
    /// The first time after.
    pub to: Timestamp,
}

impl Step {
    /// The length of the step; negative for a step back.
    pub fn length(self) -> Millis {
        Millis(self.to.0.saturating_sub(self.from.0))
    }
}

/// The latest steps of the clock, as a store keeps them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockSteps {
    /// The latest forward jump by more than [`MAX_PAUSE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Step>,
    /// The latest step back by more than [`MAX_STEP_BACK`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<Step>,
    /// The end of `back`, if that undid a forward jump. Changes by time alone since the jump get this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<Timestamp>,
}

/// Earlier than all stored times, and far enough from the minimum for arithmetic.
const BEFORE_ALL: Timestamp = Timestamp(i64::MIN / 4);

/// How a store must correct its own stored times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// The clock went back. No past event is later than `to`. Future due and expiry times move earlier by the step's length.
    Back(Step),
    /// The clock had gone back to `since` and returned. Times from then until the jump move later by the jump's length.
    Return {
        /// Where the clock had gone back to.
        since: Timestamp,
        /// The jump that ended it.
        jump: Step,
    },
}

/// A detected step and its consequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noticed {
    /// The step of the clock.
    pub step: Step,
    /// The steps to keep from now on.
    pub steps: ClockSteps,
    /// The correction of stored times, if one is needed.
    pub correction: Option<Correction>,
}

/// The time of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreTime {
    /// The current time.
    pub now: Timestamp,
    /// The latest forward jump.
    pub jump: Option<Step>,
    /// As [`ClockSteps::returned`].
    pub returned: Option<Timestamp>,
}

impl From<Timestamp> for StoreTime {
    fn from(now: Timestamp) -> Self {
        Self {
            now,
            jump: None,
            returned: None,
        }
    }
}

impl StoreTime {
    /// The latest heartbeat that counts as silent for this duration. Silence before a forward jump does not count, so until the
    /// duration has passed since the jump this is before all times.
    pub fn silent_since(self, length: Millis) -> Timestamp {
        let since = self.now.minus(length);
        match self.jump {
            Some(jump) if since < jump.to => BEFORE_ALL,
            _ => since,
        }
    }

    /// The current time. Until `grace` has passed after a forward jump, the time without the jump.
    pub fn without_jump(self, grace: Millis) -> Timestamp {
        match self.jump {
            Some(jump) if self.now >= jump.to && self.now < jump.to.plus(grace) => {
                Timestamp(self.now.0.saturating_sub(jump.length().0))
            }
            _ => self.now,
        }
    }
}

/// Reads the clock for a transaction. `last` is the latest time written to the store (0 before the first), `read` the latest
/// that this process read for it, `steps` the stored earlier steps.
///
/// # Errors
/// A step. It and its correction must be stored before the clock is read again.
pub fn read_clock(
    clock: Timestamp,
    last: Timestamp,
    read: Timestamp,
    steps: ClockSteps,
) -> Result<StoreTime, Noticed> {
    if clock.plus(MAX_STEP_BACK) < last {
        let step = Step {
            from: last,
            to: clock,
        };
        let steps = ClockSteps {
            forward: None,
            back: Some(step),
            returned: steps
                .forward
                .filter(|jump| clock < jump.to)
                .map(|_| step.to),
        };
        let correction = Some(Correction::Back(step));
        return Err(Noticed {
            step,
            steps,
            correction,
        });
    }
    // Whether this process read `read` from a wrong clock and never wrote it.
    let wrong = clock.plus(MAX_STEP_BACK) < read;
    let before = if wrong { last } else { last.max(read) };
    if last.0 > 0 && before.plus(MAX_PAUSE) < clock {
        let jump = Step {
            from: before,
            to: clock,
        };
        let back = steps.back.filter(|back| is_return(*back, jump));
        let steps = ClockSteps {
            forward: Some(jump),
            back: steps.back.filter(|_| back.is_none()),
            returned: steps.returned.filter(|_| back.is_none()),
        };
        return Err(Noticed {
            step: jump,
            steps,
            correction: back.map(|back| Correction::Return {
                since: back.to,
                jump,
            }),
        });
    }
    Ok(StoreTime {
        now: clock.max(before),
        jump: steps.forward,
        returned: steps.returned,
    })
}

/// Whether a forward jump undoes a step back: it follows soon and has about its length.
fn is_return(back: Step, jump: Step) -> bool {
    let soon = jump.from <= back.to.plus(MAX_EXCURSION);
    let rest = jump.length().0.saturating_add(back.length().0);
    soon && rest.saturating_abs() <= MAX_PAUSE.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: i64 = 1_772_352_000_000;
    const YEAR: Millis = Millis::minutes(365 * 24 * 60);

    fn at(minutes: i64) -> Timestamp {
        Timestamp(T).plus(Millis::minutes(minutes))
    }

    fn none() -> ClockSteps {
        ClockSteps::default()
    }

    #[test]
    fn a_small_step_back_is_waited_out_and_a_pause_of_ten_minutes_is_ordinary() {
        let read = |clock| read_clock(clock, at(0), at(1), none());
        assert_eq!(read(at(-4)), Ok(at(1).into()));
        assert_eq!(read(at(-5)), Ok(at(0).into()), "only read, never written");
        assert_eq!(read(at(11)), Ok(at(11).into()));
        assert!(read(at(11).plus(Millis(1))).is_err());
        assert!(read(at(-5).minus(Millis(1))).is_err());
    }

    #[test]
    fn an_empty_store_has_no_last_moment_to_jump_from() {
        let read = read_clock(at(0), Timestamp(0), Timestamp(0), none());
        assert_eq!(read, Ok(at(0).into()));
    }

    #[test]
    fn a_clock_that_comes_back_from_the_future_corrects_what_was_written_there() {
        let step = Step {
            from: at(0).plus(YEAR),
            to: at(1),
        };
        let before = ClockSteps {
            forward: Some(Step {
                from: at(0),
                to: step.from,
            }),
            ..none()
        };
        let noticed = read_clock(step.to, step.from, step.from, before).unwrap_err();
        assert_eq!(noticed.correction, Some(Correction::Back(step)));
        let kept = ClockSteps {
            back: Some(step),
            returned: Some(step.to),
            ..none()
        };
        assert_eq!((noticed.step, noticed.steps), (step, kept));
        let time = StoreTime {
            returned: Some(step.to),
            ..at(2).into()
        };
        assert_eq!(read_clock(at(2), at(1), at(1), noticed.steps), Ok(time));
        // A step back to a time after the jump, or without a jump, is no return.
        let step = read_clock(at(0).plus(YEAR), step.from.plus(YEAR), Timestamp(0), before);
        assert_eq!(step.unwrap_err().steps.returned, None);
        let step = read_clock(at(0), step_from(), Timestamp(0), none());
        assert_eq!(step.unwrap_err().steps.returned, None);
    }

    fn step_from() -> Timestamp {
        at(0).plus(YEAR)
    }

    #[test]
    fn a_clock_that_returns_to_where_it_went_back_from_undoes_the_step() {
        let back = Step {
            from: at(0),
            to: at(0).minus(YEAR),
        };
        let steps = ClockSteps {
            back: Some(back),
            ..none()
        };
        let last = back.to.plus(Millis::seconds(40));
        let noticed = read_clock(at(1), last, last, steps).unwrap_err();
        let jump = Step {
            from: last,
            to: at(1),
        };
        let (since, forward) = (back.to, Some(jump));
        assert_eq!(noticed.correction, Some(Correction::Return { since, jump }));
        let expected = ClockSteps { forward, ..none() };
        assert_eq!(noticed.steps, expected);
        // A jump of another length is no return.
        let noticed = read_clock(at(11), last, last, steps).unwrap_err();
        assert_eq!((noticed.correction, noticed.steps.back), (None, steps.back));
    }

    #[test]
    fn silence_counts_from_the_jump_and_its_grace_passes() {
        let jump = Step {
            from: at(0),
            to: at(60),
        };
        let time = |now| StoreTime {
            jump: Some(jump),
            ..StoreTime::from(now)
        };
        let length = Millis::minutes(30);
        let since = |now| time(now).silent_since(length);
        assert_eq!(since(at(90).minus(Millis(1))), BEFORE_ALL);
        assert_eq!(since(at(90)), at(60));
        assert_eq!(StoreTime::from(at(90)).silent_since(length), at(60));
        let grace = Millis::seconds(30);
        let counted = |now| time(now).without_jump(grace);
        assert_eq!(counted(at(60)), at(0));
        let last = at(60).plus(Millis(29_999));
        assert_eq!(counted(last), at(0).plus(Millis(29_999)));
        let over = at(60).plus(grace);
        assert_eq!(counted(over), over);
        assert_eq!(time(at(60)).without_jump(Millis(0)), at(60));
    }
}
