//! Container images of layers: what they are made of, and as what they are stored.
//!
//! [`oci`] reads and writes image layouts. [`plan`] says which unit is in which layer, and
//! why; [`report`] shows that, [`budget`] and [`validate`] check it, and [`base`] makes the same of
//! an image that something else wrote.

pub mod base;
pub mod budget;
pub mod oci;
pub mod plan;
pub mod report;
pub mod validate;
