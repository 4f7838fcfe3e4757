//! A contraction hierarchy of one mode. `fast_paths` orders the nodes and makes the shortcuts; what is kept of it is the
//! ways up, by rank, since that is all that an arrival time needs: no path is ever unpacked.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// A way from one node to another, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arc {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) ms: NonZeroU32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hierarchy {
    /// By node: the later it was contracted, the higher.
    ranks: Vec<u32>,
    /// To higher ranks.
    pub(super) leaving: Climb,
    /// From higher ranks, told backwards.
    pub(super) arriving: Climb,
}

/// For each rank the higher ones that it has an arc with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Climb {
    first: Vec<u32>,
    arcs: Vec<Up>,
}

/// An arc or shortcut to a higher rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Up {
    pub(super) rank: u32,
    pub(super) ms: u32,
}

impl Hierarchy {
    /// Nodes without arcs have a rank and nothing else.
    pub(super) fn of(nodes: usize, arcs: impl Iterator<Item = Arc>) -> Self {
        let mut graph = fast_paths::InputGraph::new();
        for it in arcs {
            graph.add_edge(it.from as usize, it.to as usize, it.ms.get() as usize);
        }
        graph.freeze();
        let made = fast_paths::prepare(&graph);
        // `fast_paths` counts nodes up to the last that has an arc; the others come after all it ranked.
        let mut ranks: Vec<u32> = (0..nodes as u32).collect();
        for (rank, node) in (0..).zip(made.get_node_ordering()) {
            ranks[node] = rank;
        }
        let bytes = postcard::to_allocvec(&made).expect("a graph is numbers");
        let Made { edges_fwd, edges_bwd, first_edge_ids_fwd, first_edge_ids_bwd, .. } =
            postcard::from_bytes(&bytes).expect("these are the fields of fast_paths 1.0, in their order");
        let leaving = Climb::of(nodes, &ranks, &first_edge_ids_fwd, &edges_fwd);
        let arriving = Climb::of(nodes, &ranks, &first_edge_ids_bwd, &edges_bwd);
        Self { ranks, leaving, arriving }
    }

    pub(super) fn rank(&self, node: u32) -> u32 {
        self.ranks[node as usize]
    }
}

impl Climb {
    fn of(nodes: usize, ranks: &[u32], first: &[usize], edges: &[MadeEdge]) -> Self {
        let up = |it: &MadeEdge| Up { rank: ranks[it.adj_node], ms: u32::try_from(it.weight).unwrap_or(u32::MAX) };
        let mut first: Vec<u32> = first.iter().map(|it| u32::try_from(*it).expect("fewer arcs than 2^32")).collect();
        first.resize(nodes + 1, edges.len() as u32);
        Self { first, arcs: edges.iter().map(up).collect() }
    }

    pub(super) fn from(&self, rank: u32) -> &[Up] {
        let [begin, end] = [rank, rank + 1].map(|it| self.first[it as usize] as usize);
        &self.arcs[begin..end]
    }
}

/// `fast_paths::FastGraph` as it is serialised, which is the only way to its edges.
#[derive(Deserialize)]
struct Made {
    #[serde(rename = "num_nodes")]
    _num_nodes: usize,
    #[serde(rename = "ranks")]
    _ranks: Vec<usize>,
    edges_fwd: Vec<MadeEdge>,
    first_edge_ids_fwd: Vec<usize>,
    edges_bwd: Vec<MadeEdge>,
    first_edge_ids_bwd: Vec<usize>,
}

#[derive(Deserialize)]
struct MadeEdge {
    #[serde(rename = "base_node")]
    _base_node: usize,
    adj_node: usize,
    weight: usize,
    #[serde(rename = "replaced_in_edge")]
    _replaced_in_edge: usize,
    #[serde(rename = "replaced_out_edge")]
    _replaced_out_edge: usize,
}
