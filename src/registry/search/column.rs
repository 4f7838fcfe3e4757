//! Words of many owners in one text, a line each: looking through it is one run through memory.

/// Between words; no word of the registry holds one.
const END: char = '\n';

#[derive(Debug)]
pub(super) struct Column {
    /// Each word with an `END` before and after it.
    text: String,
    /// Where each word ends, and whose it is.
    ends: Vec<(usize, usize)>,
}

impl Default for Column {
    fn default() -> Self {
        Self { text: END.to_string(), ends: Vec::new() }
    }
}

impl Column {
    pub fn add(&mut self, owner: usize, word: &str) {
        if !word.is_empty() {
            self.text.push_str(word);
            self.text.push(END);
            self.ends.push((self.text.len(), owner));
        }
    }

    /// The owners of words that have `part` anywhere in them, one for each time it is found.
    pub fn holding(&self, part: &str) -> Vec<usize> {
        self.owners(part, 0)
    }

    pub fn starting_with(&self, start: &str) -> Vec<usize> {
        self.owners(&format!("{END}{start}"), END.len_utf8())
    }

    pub fn ending_with(&self, end: &str) -> Vec<usize> {
        self.owners(&format!("{end}{END}"), 0)
    }

    fn owners(&self, needle: &str, skip: usize) -> Vec<usize> {
        let owner = |at: usize| self.ends[self.ends.partition_point(|(end, _)| *end <= at)].1;
        let found = self.text.match_indices(needle).filter(|(at, _)| at + skip < self.text.len());
        found.map(|(at, _)| owner(at + skip)).collect()
    }
}
