//! What an autoscaler decides, rule by rule.

mod scale_down;
mod scale_up;
