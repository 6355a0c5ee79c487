//! Tables that are made when they are first needed.

/// Tables by their keys, few enough to be searched one by one.
pub struct Tables<K, T>(Vec<(K, T)>);

impl<K, T> Default for Tables<K, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: PartialEq, T> Tables<K, T> {
    /// The table for a key, which `make` makes if it is the first time.
    pub fn get(&mut self, key: K, make: impl FnOnce(&K) -> T) -> &T {
        let at = self.0.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            let table = make(&key);
            self.0.push((key, table));
            self.0.len() - 1
        });
        &self.0[at].1
    }
}
