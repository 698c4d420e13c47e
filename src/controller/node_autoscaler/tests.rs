//! What an autoscaler decides, rule by rule.

mod blocking;
mod limits;
mod scale_down;
mod scale_up;
