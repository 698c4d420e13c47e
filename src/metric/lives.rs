//! The pods of a run, from their creation until their rows are handed on.

use std::collections::VecDeque;

use super::fact::{HeldUp, Overflow};
use crate::cost::Account;
use crate::id::{NodeId, PodId};
use crate::slab::Slab;
use crate::units::{Bytes, MilliCpu, Money, SimTime};

/// Where a pod is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Pending,
    Starting,
    Ready,
    /// It was ready, and may be again.
    Unready,
    Terminating,
}

/// An instant that may not have come, in eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct When(u64);

impl When {
    const NEVER: Self = Self(u64::MAX);

    pub(super) fn at(time: SimTime) -> Self {
        Self(time.0)
    }

    pub(super) fn get(self) -> Option<SimTime> {
        (self != Self::NEVER).then_some(SimTime(self.0))
    }
}

/// What a pod's row is made of. Texts are numbers of [`Names`](super::names::Names); the pod's own name stands elsewhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) created: SimTime,
    pub(super) scheduled: When,
    pub(super) ready: When,
    pub(super) finished: When,
    pub(super) node: Option<NodeId>,
    pub(super) namespace: u32,
    pub(super) workload: u32,
    pub(super) spec: u32,
    pub(super) containers: u32,
    pub(super) attempts: u32,
    pub(super) overflow: Option<Overflow>,
    pub(super) counted: bool,
    /// The length of the pod's own name in bytes.
    name_bytes: u16,
}

/// A pod that lives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Living {
    pub(super) line: Line,
    pub(super) stage: Stage,
    /// Whether its instance is a spot instance.
    pub(super) is_spot: bool,
    pub(super) requests: (MilliCpu, Bytes),
    /// What has held up its instance so far, a bit for each.
    held_up: u8,
    /// What it costs itself.
    pub(super) account: Account,
}

impl Living {
    /// A pod that waits for a node. Of its row it has what is known from the start; `none` is the number of the empty
    /// text.
    pub(super) fn new(
        created: SimTime,
        (namespace, workload, none): (u32, u32, u32),
        containers: u32,
        requests: (MilliCpu, Bytes),
        counted: bool,
    ) -> Self {
        let line = Line {
            created,
            scheduled: When::NEVER,
            ready: When::NEVER,
            finished: When::NEVER,
            node: None,
            namespace,
            workload,
            spec: none,
            containers,
            attempts: 0,
            overflow: None,
            counted,
            name_bytes: 0,
        };
        let (stage, account) = (Stage::Pending, Account::default());
        Self { line, stage, is_spot: false, requests, held_up: 0, account }
    }

    /// Notes what holds up its instance; whether that is the first time.
    pub(super) fn is_news(&mut self, by: HeldUp) -> bool {
        let before = self.held_up;
        self.held_up |= 1 << by as u8;
        self.held_up != before
    }
}

/// Where a pod is kept.
#[derive(Clone, Copy, Debug)]
enum Slot {
    Living(u32),
    /// It has ended; its row waits for that of a pod that was created before.
    Ended(u32),
    /// It has ended, and nobody wants its row.
    Gone,
}

/// The row of a pod that has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) line: Line,
    pub(super) cost: Money,
}

/// All pods whose rows were not handed on. A pod that has ended is kept for as long as one before it lives, in
/// [`Ended`] and the bytes of its name, and not at all where nobody wants rows.
#[derive(Debug, Default)]
pub(super) struct Lives {
    keeps_rows: bool,
    /// The number of the pod in the first slot.
    first: u32,
    slots: VecDeque<Slot>,
    living: Slab<Living>,
    ended: Slab<Ended>,
    /// Names in order of creation.
    names: VecDeque<u8>,
    /// The name of the row that was taken last.
    name: Vec<u8>,
}

impl Lives {
    pub(super) fn new(keeps_rows: bool) -> Self {
        Self { keeps_rows, ..Self::default() }
    }

    /// Takes up a new pod.
    pub(super) fn create(&mut self, pod: PodId, name: &str, mut living: Living) {
        let next = self.first as usize + self.slots.len();
        assert_eq!(pod.index(), next, "pods are numbered in order of creation");
        if self.keeps_rows {
            self.names.extend(name.as_bytes());
        }
        living.line.name_bytes = u16::try_from(name.len()).expect("Kubernetes' names are short");
        let place = self.living.put(living);
        self.slots.push_back(Slot::Living(place));
    }

    /// A pod that lives.
    pub(super) fn get(&mut self, pod: PodId) -> &mut Living {
        let place = self.place(pod);
        &mut self.living[place]
    }

    fn place(&self, pod: PodId) -> u32 {
        match pod.0.checked_sub(self.first).and_then(|slot| self.slots.get(slot as usize)) {
            Some(Slot::Living(place)) => *place,
            _ => panic!("pod {pod} lives, as what is told of it must be"),
        }
    }

    /// All that live, in order of creation.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Living> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Living(place) => Some(&self.living[*place]),
            Slot::Ended(_) | Slot::Gone => None,
        })
    }

    /// A pod has come to its end, or to that of the run, and has cost so much.
    pub(super) fn end(&mut self, pod: PodId, cost: Money) {
        let place = self.place(pod);
        let Living { line, .. } = self.living[place];
        self.living.release(place);
        self.slots[(pod.0 - self.first) as usize] =
            if self.keeps_rows { Slot::Ended(self.ended.put(Ended { line, cost })) } else { Slot::Gone };
    }

    /// Takes the row of the first pod, if that has ended; [`Lives::name`] has its name.
    pub(super) fn take_ended(&mut self) -> Option<Ended> {
        while let Some(slot) = self.slots.front().copied() {
            if let Slot::Living(_) = slot {
                return None;
            }
            self.slots.pop_front();
            self.first += 1;
            if let Slot::Ended(place) = slot {
                let ended = self.ended[place];
                self.ended.release(place);
                self.name.clear();
                self.name.extend(self.names.drain(..usize::from(ended.line.name_bytes)));
                return Some(ended);
            }
        }
        None
    }

    /// The name of the pod whose row was taken last.
    pub(super) fn name(&self) -> &str {
        std::str::from_utf8(&self.name).expect("names are kept as they were told")
    }

    /// The numbers of all pods that live, in order of creation.
    pub(super) fn ids(&self) -> Vec<PodId> {
        let lives = |slot: &Slot| matches!(slot, Slot::Living(_));
        let numbered = (self.first..).zip(&self.slots);
        numbered.filter(|(_, slot)| lives(slot)).map(|(number, _)| PodId(number)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn created(lives: &mut Lives, names: &[&str]) {
        for (number, name) in (0..).zip(names) {
            let requests = (MilliCpu::ZERO, Bytes::ZERO);
            lives.create(PodId(number), name, Living::new(SimTime::ZERO, (0, 0, 0), 1, requests, true));
        }
    }

    fn taken(lives: &mut Lives) -> Vec<String> {
        std::iter::from_fn(|| lives.take_ended().map(|_| lives.name().to_owned())).collect()
    }

    #[test]
    fn rows_are_handed_on_in_order_of_creation_as_soon_as_all_before_have_ended() {
        let mut lives = Lives::new(true);
        created(&mut lives, &["first", "", "third-ü", "fourth"]);
        lives.end(PodId(2), Money::ZERO);
        lives.end(PodId(1), Money::ZERO);
        assert_eq!(taken(&mut lives), [""; 0]);
        lives.end(PodId(0), Money::ZERO);
        assert_eq!(taken(&mut lives), ["first", "", "third-ü"]);
        assert_eq!(lives.ids(), [PodId(3)]);
        assert!(lives.slots.len() == 1 && lives.names.len() == "fourth".len());
    }

    #[test]
    fn nothing_is_kept_of_ended_pods_where_nobody_wants_rows() {
        let mut lives = Lives::new(false);
        created(&mut lives, &["first", "second", "third"]);
        lives.end(PodId(1), Money::ZERO);
        lives.end(PodId(0), Money::ZERO);
        assert_eq!(taken(&mut lives), [""; 0]);
        assert!(lives.slots.len() == 1 && lives.names.is_empty() && size_of_val(&*lives.name) == 0);
    }

    #[test]
    fn a_row_that_waits_is_small() {
        assert!(size_of::<Ended>() <= 80, "{} bytes", size_of::<Ended>());
    }
}
