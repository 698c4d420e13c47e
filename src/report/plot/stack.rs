//! Quantities over time that lie on top of each other.

use crate::metric::TimelineRow;

/// More steps than this cannot be told apart at the width of the picture.
const MAX_STEPS: usize = 1000;

/// The layers of one panel as functions of time that are constant between rows of the timeline.
#[derive(Clone)]
pub(in crate::report) struct Stack {
    /// Steps of one length.
    even: Vec<Step>,
    /// The same, with neighbours of equal layers as one.
    steps: Vec<Step>,
}

/// The layers from one instant to another, in seconds; each layer by its upper edge, from the bottom up.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report) struct Step {
    pub(in crate::report) from: f64,
    pub(in crate::report) to: f64,
    pub(super) edges: Vec<f64>,
}

impl Stack {
    /// Layers of counts, which hold from their row to the next.
    pub(super) fn of_instants(rows: &[TimelineRow], layers: &dyn Fn(&TimelineRow) -> Vec<f64>) -> Self {
        Self::of(rows, layers, 0)
    }

    /// Layers of what is told of the step that ends at their row: means and maxima.
    pub(super) fn of_steps(rows: &[TimelineRow], layers: &dyn Fn(&TimelineRow) -> Vec<f64>) -> Self {
        Self::of(rows, layers, 1)
    }

    fn of(rows: &[TimelineRow], layers: &dyn Fn(&TimelineRow) -> Vec<f64>, valued_at: usize) -> Self {
        let steps: Vec<Step> = rows
            .windows(2)
            .map(|pair| Step {
                from: pair[0].time.as_secs_f64(),
                to: pair[1].time.as_secs_f64(),
                edges: piled(&layers(&pair[valued_at])),
            })
            .collect();
        Self::of_even(thinned(steps))
    }

    fn of_even(even: Vec<Step>) -> Self {
        Self { steps: merged(even.clone()), even }
    }

    /// The same with every peak at least this wide, in seconds, so that a short one can be seen: each edge is the
    /// highest within half of that.
    #[must_use]
    pub(super) fn with_wide_peaks(self, width: f64) -> Self {
        let middle = |step: &Step| f64::midpoint(step.from, step.to);
        let highest = |around: &Step| {
            let near = |step: &&Step| (middle(step) - middle(around)).abs() * 2.0 <= width;
            let mut edges = around.edges.clone();
            for step in self.even.iter().filter(near) {
                edges.iter_mut().zip(&step.edges).for_each(|(edge, other)| *edge = edge.max(*other));
            }
            Step { edges, ..around.clone() }
        };
        Self::of_even(self.even.iter().map(highest).collect())
    }

    /// The steps, all but the last of one length.
    pub(in crate::report) fn even(&self) -> &[Step] {
        &self.even
    }

    /// The steps, in order of time.
    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The highest edge.
    pub(super) fn top(&self) -> f64 {
        self.steps.iter().map(Step::top).fold(0.0, f64::max)
    }

    /// Whether a layer is ever thicker than nothing.
    pub(super) fn is_seen(&self, layer: usize) -> bool {
        self.steps.iter().any(|step| step.edges[layer] > step.floor(layer))
    }

    /// The layers at an instant.
    pub(super) fn at(&self, time: f64) -> Option<&Step> {
        let next = self.steps.partition_point(|step| step.to <= time);
        self.steps.get(next)
    }
}

impl Step {
    fn top(&self) -> f64 {
        self.edges.last().copied().unwrap_or(0.0)
    }

    /// How thick a layer is.
    pub(in crate::report) fn thickness(&self, layer: usize) -> f64 {
        self.edges[layer] - self.floor(layer)
    }

    /// The lower edge of a layer.
    pub(super) fn floor(&self, layer: usize) -> f64 {
        if layer == 0 { 0.0 } else { self.edges[layer - 1] }
    }
}

/// Upper edges of layers of these thicknesses.
fn piled(layers: &[f64]) -> Vec<f64> {
    let mut height = 0.0;
    layers
        .iter()
        .map(|layer| {
            height += layer.max(0.0);
            height
        })
        .collect()
}

/// At most [`MAX_STEPS`]: of steps that share a pixel, the highest, so that no peak is lost.
fn thinned(steps: Vec<Step>) -> Vec<Step> {
    let together = steps.len().div_ceil(MAX_STEPS).max(1);
    if together == 1 {
        return steps;
    }
    let highest = |group: &[Step]| {
        let (from, to) = (group[0].from, group[group.len() - 1].to);
        let highest = group.iter().max_by(|a, b| a.top().total_cmp(&b.top())).unwrap_or(&group[0]);
        Step { from, to, edges: highest.edges.clone() }
    };
    steps.chunks(together).map(highest).collect()
}

/// Neighbours with the same layers become one.
fn merged(steps: Vec<Step>) -> Vec<Step> {
    let mut merged: Vec<Step> = Vec::new();
    for step in steps {
        match merged.last_mut() {
            Some(last) if last.edges == step.edges => last.to = step.to,
            _ => merged.push(step),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(from: f64, to: f64, edges: &[f64]) -> Step {
        Step { from, to, edges: edges.to_vec() }
    }

    #[test]
    fn equal_neighbours_are_merged_and_layers_are_piled() {
        assert_eq!(piled(&[1.0, 2.0, 0.0]), [1.0, 3.0, 3.0]);
        let steps = vec![step(0.0, 1.0, &[1.0]), step(1.0, 2.0, &[1.0]), step(2.0, 3.0, &[2.0])];
        assert_eq!(merged(steps), [step(0.0, 2.0, &[1.0]), step(2.0, 3.0, &[2.0])]);
    }

    #[test]
    fn a_short_peak_becomes_wide_enough_to_be_seen_and_no_higher() {
        let edges = |i: usize| if i == 50 { [3.0, 33.0] } else { [2.0, 2.0] };
        let steps = (0..100).map(|i| step(i as f64, i as f64 + 1.0, &edges(i))).collect();
        let stack = Stack::of_even(steps).with_wide_peaks(6.0);
        assert_eq!(
            stack.steps(),
            [step(0.0, 47.0, &[2.0, 2.0]), step(47.0, 54.0, &[3.0, 33.0]), step(54.0, 100.0, &[2.0, 2.0])]
        );
    }

    #[test]
    fn thinning_keeps_the_peak() {
        let height = |i: usize| if i == 1234 { 9.0 } else { 1.0 };
        let steps: Vec<Step> = (0..3000).map(|i| step(i as f64, i as f64 + 1.0, &[height(i)])).collect();
        let stack = Stack::of_even(thinned(steps));
        assert!((stack.top() - 9.0).abs() < 1e-12);
        assert_eq!(stack.steps().len(), 3);
        assert_eq!(stack.steps()[2].to.to_bits(), 3000.0_f64.to_bits());
    }
}
