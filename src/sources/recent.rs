//! What was last heard, by key, in bounded memory: two generations, of which the older goes when the younger is full.
//! A key that is still in use moves on; one that has been silent for a whole generation is forgotten.

use std::collections::HashMap;
use std::hash::Hash;

#[derive(Debug)]
pub struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    generation_max: usize,
}

impl<K: Hash + Eq, V> Recent<K, V> {
    /// Keeps at least the last `most / 2` keys that were put, and never more than `most`.
    pub fn new(most: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), generation_max: (most / 2).max(1) }
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    pub fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.generation_max && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&key);
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay_and_the_whole_is_bounded() {
        let mut recent = Recent::new(8);
        for n in 0..1000 {
            recent.put(n, n);
            recent.put(0, n);
            let kept = recent.young.len() + recent.old.len();
            assert!(kept <= 8, "{kept} were kept");
        }
        assert_eq!(recent.get(&0), Some(&999));
        assert_eq!([997, 998, 999].map(|n| recent.get(&n).copied()), [Some(997), Some(998), Some(999)]);
        assert_eq!(recent.get(&500), None);
    }
}
