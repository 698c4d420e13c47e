//! Things with running numbers of which most are gone: a table whose memory grows with those that live.

use crate::slab::Slab;

/// No place: the thing is gone.
const GONE: u32 = u32::MAX;

/// Things numbered from 0 in order of addition. A number is never used again; the memory of a thing that is gone is.
#[derive(Clone, Debug)]
pub(crate) struct Sparse<T> {
    /// The place of each thing that was ever added.
    places: Vec<u32>,
    things: Slab<Option<T>>,
}

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Self { places: Vec::new(), things: Slab::default() }
    }
}

impl<T> Sparse<T> {
    /// Adds the next thing; its number is the answer.
    pub(crate) fn push(&mut self, thing: T) -> usize {
        let number = self.places.len();
        self.places.push(GONE);
        self.put_back(number, thing);
        number
    }

    /// How many are there.
    pub(crate) fn living(&self) -> usize {
        self.things.taken()
    }

    pub(crate) fn get(&self, number: usize) -> Option<&T> {
        self.things[self.place(number)?].as_ref()
    }

    pub(crate) fn get_mut(&mut self, number: usize) -> Option<&mut T> {
        let place = self.place(number)?;
        self.things[place].as_mut()
    }

    /// Takes a thing away, if it is there.
    pub(crate) fn take(&mut self, number: usize) -> Option<T> {
        let place = self.place(number)?;
        self.places[number] = GONE;
        self.things.release(place);
        self.things[place].take()
    }

    /// Puts a thing that was taken away back under its number.
    pub(crate) fn put_back(&mut self, number: usize, thing: T) {
        debug_assert_eq!(self.places[number], GONE, "a number has one thing");
        self.places[number] = self.things.put(Some(thing));
    }

    /// Those that are there, in order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        (0..self.places.len()).filter_map(|number| Some((number, self.get(number)?)))
    }

    fn place(&self, number: usize) -> Option<u32> {
        self.places.get(number).copied().filter(|&place| place != GONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_a_list_with_holes(steps in prop::collection::vec((0_u8..4, 0_usize..40), 0..80)) {
            let (mut sparse, mut list) = (Sparse::default(), Vec::new());
            for (step, number) in steps {
                match step {
                    0 | 1 => {
                        list.push(Some(list.len() as u64 * 7));
                        prop_assert_eq!(sparse.push((list.len() as u64 - 1) * 7), list.len() - 1);
                    }
                    2 => {
                        let expected = list.get_mut(number).and_then(Option::take);
                        prop_assert_eq!(sparse.take(number), expected);
                    }
                    _ => {
                        if list.get(number) == Some(&None) {
                            list[number] = Some(1);
                            sparse.put_back(number, 1);
                        }
                    }
                }
                let living: Vec<_> = (0..list.len()).filter_map(|one| Some((one, list[one]?))).collect();
                prop_assert_eq!(sparse.iter().map(|(one, thing)| (one, *thing)).collect::<Vec<_>>(), living.clone());
                prop_assert_eq!(sparse.living(), living.len());
                prop_assert_eq!(sparse.get(number).copied(), list.get(number).copied().flatten());
                let most_places = sparse.things.all_mut().count();
                prop_assert!(most_places <= list.len());
            }
        }
    }
}
