//! Finds issues that block each other in a circle.

use std::collections::BTreeMap;

/// What the search knows of a node.
#[derive(Clone, Copy)]
struct Seen {
    /// When it was found.
    order: usize,
    /// The earliest node that it leads back to.
    low: usize,
    /// Whether it may still be part of the circle that is being collected.
    on_stack: bool,
}

/// The groups of nodes that lead to each other, each sorted and with at least one edge among its members. Tarjan's algorithm, without
/// recursion: a chain of dependencies may be as long as there are issues.
pub fn cycles<T: Ord + Clone>(edges: &[(T, T)]) -> Vec<Vec<T>> {
    let mut next: BTreeMap<&T, Vec<&T>> = BTreeMap::new();
    for (from, to) in edges {
        next.entry(from).or_default().push(to);
    }
    let mut seen: BTreeMap<&T, Seen> = BTreeMap::new();
    let (mut stack, mut found): (Vec<&T>, Vec<Vec<T>>) = (Vec::new(), Vec::new());
    let none = Vec::new();
    for start in next.keys() {
        if seen.contains_key(start) {
            continue;
        }
        // Each entry is a node with the place of the next edge to follow.
        let mut path: Vec<(&T, usize)> = vec![(start, 0)];
        while let Some((node, edge)) = path.pop() {
            if edge == 0 {
                let order = seen.len();
                stack.push(node);
                seen.insert(
                    node,
                    Seen {
                        order,
                        low: order,
                        on_stack: true,
                    },
                );
            }
            let edges = next.get(node).unwrap_or(&none);
            if let Some(to) = edges.get(edge) {
                path.push((node, edge + 1));
                match seen.get(to).copied() {
                    None => path.push((to, 0)),
                    Some(known) if known.on_stack => lower(&mut seen, node, known.order),
                    Some(_) => {}
                }
                continue;
            }
            let Some(own) = seen.get(node).copied() else {
                continue;
            };
            if let Some((before, _)) = path.last() {
                lower(&mut seen, before, own.low);
            }
            if own.low == own.order {
                let group = take_group(&mut stack, &mut seen, node);
                let is_own = edges.contains(&node);
                if group.len() > 1 || is_own {
                    found.push(group);
                }
            }
        }
    }
    found.sort();
    found
}

fn lower<T: Ord>(seen: &mut BTreeMap<&T, Seen>, node: &T, low: usize) {
    if let Some(known) = seen.get_mut(node) {
        known.low = known.low.min(low);
    }
}

/// Takes the nodes down to this one from the stack.
fn take_group<'a, T: Ord + Clone>(
    stack: &mut Vec<&'a T>,
    seen: &mut BTreeMap<&'a T, Seen>,
    until: &T,
) -> Vec<T> {
    let mut group = Vec::new();
    while let Some(node) = stack.pop() {
        if let Some(known) = seen.get_mut(node) {
            known.on_stack = false;
        }
        group.push(node.clone());
        if node == until {
            break;
        }
    }
    group.sort();
    group
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found_and_what_leads_to_them_is_none() {
        let edges = [
            (1, 2),
            (2, 3),
            (3, 1),
            (4, 1),
            (3, 5),
            (6, 6),
            (7, 8),
            (8, 9),
        ];
        assert_eq!(cycles(&edges), [vec![1, 2, 3], vec![6]]);
        assert_eq!(cycles::<i32>(&[]), Vec::<Vec<i32>>::new());
    }

    #[test]
    fn two_circles_with_one_member_in_common_are_one() {
        let edges = [(1, 2), (2, 1), (2, 3), (3, 2), (9, 8), (8, 9)];
        assert_eq!(cycles(&edges), [vec![1, 2, 3], vec![8, 9]]);
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let mut edges: Vec<(u32, u32)> = (0..200_000).map(|n| (n, n + 1)).collect();
        assert!(cycles(&edges).is_empty());
        edges.push((200_000, 0));
        assert_eq!(cycles(&edges).len(), 1);
    }
}
