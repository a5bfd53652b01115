//! Names of agents that are likely meant to be one.

/// Whether two names differ only in case and punctuation, or by one edit. Names that differ in a digit are those of several agents.
pub(super) fn is_near(one: &str, other: &str) -> bool {
    let (one, other) = (plain(one), plain(other));
    if one == other {
        return !one.is_empty();
    }
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    if short.len() < 4 || long.len() > short.len() + 1 {
        return false;
    }
    let same = |(a, b): &(&char, &char)| a == b;
    let head = short.iter().zip(&long).take_while(same).count();
    let tails = short.iter().rev().zip(long.iter().rev());
    let tail = tails.take_while(same).count().min(short.len() - head);
    let (left, right) = (
        &short[head..short.len() - tail],
        &long[head..long.len() - tail],
    );
    let digits = left.iter().chain(right).any(char::is_ascii_digit);
    left.len() <= 1 && right.len() <= 1 && !digits
}

/// The name in lower case, of letters and digits alone, and bounded.
fn plain(name: &str) -> Vec<char> {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.take(200).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::is_near;

    #[test]
    fn slips_are_near_and_numbered_agents_are_not() {
        for (one, other) in [
            ("claude-7f3e", "Claude-7f3e"),
            ("claude-7f3e", "claude_7f3e"),
            ("alice", "alce"),
            ("alice", "alicee"),
            ("alice", "alife"),
        ] {
            assert!(is_near(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("agent-1", "agent-2"),
            ("agent-1", "agent-12"),
            ("ann", "bob"),
            ("a", "b"),
            ("-", "_"),
        ] {
            assert!(!is_near(one, other), "{one} {other}");
        }
    }
}
