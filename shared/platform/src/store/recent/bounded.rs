//! A number of values by their keys; what was not used for longest makes room.

use std::borrow::Borrow;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

pub(super) struct Bounded<Key: Hash + Eq, Value> {
    entries: Mutex<LruCache<Key, Value>>,
}

impl<Key: Hash + Eq, Value: Clone> Bounded<Key, Value> {
    pub fn new(entries_max: usize) -> Self {
        let entries_max = NonZeroUsize::new(entries_max).unwrap_or(NonZeroUsize::MIN);
        Self { entries: Mutex::new(LruCache::new(entries_max)) }
    }

    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Value>
    where
        Key: Borrow<Q>,
    {
        self.entries().get(key).cloned()
    }

    pub fn get_or_default(&self, key: &Key) -> Value
    where
        Key: Clone,
        Value: Default,
    {
        self.entries().get_or_insert(key.clone(), Value::default).clone()
    }

    pub fn put(&self, key: Key, value: Value) {
        self.entries().put(key, value);
    }

    pub fn forget<Q: Hash + Eq + ?Sized>(&self, key: &Q)
    where
        Key: Borrow<Q>,
    {
        self.entries().pop(key);
    }

    fn entries(&self) -> MutexGuard<'_, LruCache<Key, Value>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let bounded = Bounded::new(2);
        bounded.put("a".to_owned(), 1);
        bounded.put("b".to_owned(), 2);
        assert_eq!(bounded.get("a"), Some(1));
        bounded.put("c".to_owned(), 3);
        assert_eq!([bounded.get("a"), bounded.get("b"), bounded.get("c")], [Some(1), None, Some(3)]);
        bounded.forget("a");
        assert_eq!(bounded.get("a"), None);
    }
}
