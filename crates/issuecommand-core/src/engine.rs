//! The engine: a command, the rows that it must see, and the rules that decide it. Synchronous and total; knows no port.

pub mod change;
pub mod command;
pub mod daily;
pub mod decide;
pub mod fence;
pub mod read_set;
pub mod table;
pub mod tables;
pub mod view;
pub mod windows;
