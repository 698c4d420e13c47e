//! Places for things that come and go.

use std::ops::{Index, IndexMut};

/// Things in numbered places that are used again once they are free: as large as the most things that there were at
/// once.
#[derive(Clone, Debug)]
pub(crate) struct Slab<T> {
    places: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// Puts a thing into a place.
    pub(crate) fn put(&mut self, thing: T) -> u32 {
        if let Some(place) = self.free.pop() {
            self[place] = thing;
            return place;
        }
        self.places.push(thing);
        (self.places.len() - 1) as u32
    }

    /// A place is free from now on. What stands there stays until the place is used again.
    pub(crate) fn release(&mut self, place: u32) {
        self.free.push(place);
    }

    /// How many places are taken.
    pub(crate) fn taken(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// What stands in all places, those included that are free.
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.iter_mut()
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;
    fn index(&self, place: u32) -> &T {
        &self.places[place as usize]
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    fn index_mut(&mut self, place: u32) -> &mut T {
        &mut self.places[place as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_places_are_used_again() {
        let mut slab = Slab::default();
        let places = [1, 2, 3].map(|value| slab.put(value));
        assert_eq!(slab[places[1]], 2);
        slab.release(places[1]);
        assert_eq!(slab.taken(), 2);
        assert_eq!(slab.put(4), places[1]);
        slab[places[2]] += 10;
        assert_eq!(places.map(|place| slab[place]), [1, 4, 13]);
        assert_eq!(slab.all_mut().map(|value| *value).collect::<Vec<_>>(), [1, 4, 13]);
    }
}
