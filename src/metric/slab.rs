//! Places for values that come and go.

/// Values in places that are used again once they are free: as large as the most values that there were at once.
#[derive(Debug)]
pub(super) struct Slab<T> {
    places: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<T: Copy> Slab<T> {
    /// Puts a value into a place.
    pub(super) fn put(&mut self, value: T) -> u32 {
        if let Some(place) = self.free.pop() {
            self.places[place as usize] = value;
            return place;
        }
        self.places.push(value);
        (self.places.len() - 1) as u32
    }

    /// The value in a place.
    pub(super) fn get(&self, place: u32) -> &T {
        &self.places[place as usize]
    }

    /// The value in a place, to be changed.
    pub(super) fn get_mut(&mut self, place: u32) -> &mut T {
        &mut self.places[place as usize]
    }

    /// Takes the value out of a place, which is free from now on.
    pub(super) fn take(&mut self, place: u32) -> T {
        self.free.push(place);
        self.places[place as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_places_are_used_again() {
        let mut slab = Slab::default();
        let places = [1, 2, 3].map(|value| slab.put(value));
        assert_eq!(slab.take(places[1]), 2);
        assert_eq!(slab.put(4), places[1]);
        *slab.get_mut(places[2]) += 10;
        assert_eq!(places.map(|place| *slab.get(place)), [1, 4, 13]);
        assert_eq!(slab.places.len(), 3);
    }
}
