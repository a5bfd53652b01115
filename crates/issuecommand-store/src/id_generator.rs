//! Random ids. The engine takes them as a parameter, because it draws no randomness itself.

use issuecommand_core::domain::id::IdGenerator;
use uuid::Uuid;

/// Version 4 UUIDs from the operating system's random source.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl IdGenerator for RandomIds {
    fn uuid(&mut self) -> Uuid {
        Uuid::new_v4()
    }
}
