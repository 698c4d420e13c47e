//! A scenario: the file as it was typed, and the manifests that it refers to, with everything wrong in them told at once.
//!
//! [`read()`] loads the files, puts in what a variant changes, and checks names and types. What the values mean
//! together (does the instance type exist, does the expression parse) is the next step's matter.

pub mod diagnostic;
pub mod file;
pub mod inventory;
pub mod notation;
pub mod path;
mod read;
mod resolve;
pub mod told;

pub use read::{
    InputFile, Loaded, LoadedObject, Locator, Manifests, ReadOptions, read, read_manifests, schema,
};
pub use resolve::{Resolved, resolve};
