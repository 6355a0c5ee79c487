//! Who is called what: nodes and hosts by the names of a scenario.

use std::ops::Range;

use super::{NodeTable, Scenario};

/// The nodes and hosts of a scenario. All nodes have a host; those behind cables come after them.
#[derive(Debug)]
pub(super) struct Roster {
    /// What each name means, those of several together before those of each.
    meanings: Vec<(String, Range<usize>)>,
    /// The names of single ones, in order.
    names: Vec<String>,
}

/// An association that a client of several APs may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) node: usize,
    pub(super) ap: usize,
}

impl Roster {
    /// All nodes, each with the table that it is in.
    pub(super) fn nodes(scenario: &Scenario) -> impl Iterator<Item = &NodeTable> {
        scenario.nodes.iter().flat_map(|node| std::iter::repeat_n(node, node.count))
    }

    pub(super) fn new(scenario: &Scenario) -> Self {
        let mut roster = Self { meanings: vec![], names: vec![] };
        for node in &scenario.nodes {
            let name = node.name.get_ref();
            if node.count == 1 {
                roster.add(name.clone());
                continue;
            }
            let first = roster.names.len();
            roster.meanings.push((name.clone(), first..first + node.count));
            (1..=node.count).for_each(|number| roster.add(format!("{name}{number}")));
        }
        for wire in &scenario.wires {
            // A host may have several cables.
            if roster.find(wire.host.get_ref()).is_none() {
                roster.add(wire.host.get_ref().clone());
            }
        }
        for path in Self::further_paths(scenario) {
            roster.add(roster.path_name(path));
        }
        roster
    }

    /// The name of the host that a client is by an AP that is not its first.
    pub(super) fn path_name(&self, path: Path) -> String {
        format!("{}-{}", self.name(path.node), self.name(path.ap))
    }

    /// The paths of clients of several APs, one for each AP.
    pub(super) fn paths(scenario: &Scenario) -> Vec<Path> {
        let nodes: Vec<&NodeTable> = Self::nodes(scenario).collect();
        let all =
            (0..nodes.len()).flat_map(|node| (0..nodes.len()).map(move |ap| Path { node, ap }));
        all.filter(|path| nodes[path.node].is_client_of(nodes[path.ap])).collect()
    }

    /// Those but the first of each client, which is its own host.
    pub(super) fn further_paths(scenario: &Scenario) -> Vec<Path> {
        let paths = Self::paths(scenario);
        let is_first = |index: usize| index == 0 || paths[index - 1].node != paths[index].node;
        (0..paths.len()).filter(|&index| !is_first(index)).map(|index| paths[index]).collect()
    }

    fn add(&mut self, name: String) {
        let index = self.names.len();
        self.meanings.push((name.clone(), index..index + 1));
        self.names.push(name);
    }

    /// The nodes or hosts that a name means.
    pub(super) fn find(&self, name: &str) -> Option<Range<usize>> {
        let meaning = self.meanings.iter().find(|(known, _)| known == name);
        meaning.map(|(_, members)| members.clone())
    }

    pub(super) fn name(&self, index: usize) -> &str {
        &self.names[index]
    }

    /// All names that could be written.
    pub(super) fn known(&self) -> String {
        let names: Vec<&str> = self.meanings.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }

    /// How many things a name means.
    pub(super) fn meanings(&self, name: &str) -> usize {
        self.meanings.iter().filter(|(known, _)| known == name).count()
    }
}
