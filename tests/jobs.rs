//! Jobs and the order of containers: what runs of a few pods do, second by second and cent by cent.

#[path = "jobs/books.rs"]
mod books;
#[path = "jobs/course.rs"]
mod course;
#[path = "case/folder.rs"]
mod folder;
#[path = "jobs/order.rs"]
mod order;
#[path = "jobs/timeline.rs"]
mod timeline;
#[path = "jobs/trial.rs"]
mod trial;
