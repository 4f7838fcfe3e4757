//! The largest part of a directed graph in which everything reaches everything (Kosaraju's two walks, without recursion:
//! a road may have more nodes in a row than a stack has room for).

use super::hierarchy::Arc;

/// Neighbours by node.
struct Neighbours {
    first: Vec<u32>,
    heads: Vec<u32>,
}

/// Whether each node is in it; of parts equally large the one with the smallest node. Without arcs nobody is.
pub(super) fn largest(nodes: usize, arcs: impl Iterator<Item = Arc>) -> Vec<bool> {
    let arcs: Vec<(u32, u32)> = arcs.map(|it| (it.from, it.to)).collect();
    let (out, into) =
        (Neighbours::of(nodes, arcs.iter().copied()), Neighbours::of(nodes, arcs.iter().map(|it| (it.1, it.0))));
    let mut left = vec![false; nodes];
    let mut order = Vec::with_capacity(nodes);
    for node in 0..nodes as u32 {
        out.walk(node, &mut left, &mut |it| order.push(it));
    }
    let mut seen = vec![false; nodes];
    let mut best: Vec<u32> = Vec::new();
    for node in order.into_iter().rev() {
        let mut part = Vec::new();
        into.walk(node, &mut seen, &mut |it| part.push(it));
        let better =
            |part: &[u32]| part.len() > best.len() || part.len() == best.len() && part.iter().min() < best.iter().min();
        // One node alone is a place that nothing leads to and away from.
        if part.len() > 1 && better(&part) {
            best = part;
        }
    }
    let mut inside = vec![false; nodes];
    best.into_iter().for_each(|node| inside[node as usize] = true);
    inside
}

impl Neighbours {
    fn of(nodes: usize, arcs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut first = vec![0_u32; nodes + 1];
        arcs.clone().for_each(|(from, _)| first[from as usize + 1] += 1);
        for node in 0..nodes {
            first[node + 1] += first[node];
        }
        let mut free = first.clone();
        let mut heads = vec![0; first[nodes] as usize];
        for (from, to) in arcs {
            let at = &mut free[from as usize];
            heads[*at as usize] = to;
            *at += 1;
        }
        Self { first, heads }
    }

    /// Depth first from `node` through what was not seen before; each is told when everything behind it has been.
    fn walk(&self, node: u32, seen: &mut [bool], left: &mut impl FnMut(u32)) {
        if std::mem::replace(&mut seen[node as usize], true) {
            return;
        }
        let mut path = vec![(node, self.first[node as usize])];
        while let Some((node, next)) = path.last_mut() {
            if *next == self.first[*node as usize + 1] {
                left(*node);
                path.pop();
                continue;
            }
            let head = self.heads[*next as usize];
            *next += 1;
            if !std::mem::replace(&mut seen[head as usize], true) {
                path.push((head, self.first[head as usize]));
            }
        }
    }
}
