//! DynamoDB Streams as far as the template uses them: what transactions put into a table, brought to a function in the
//! order of the writes, at least once.
//!
//! The embedded DynamoDB keeps its stream records for ever and looks through all of them for each write, so they are
//! kept here: a line in a file before the transaction, and one after it if it was refused. What a process that was
//! killed has not delivered, the next one delivers.
//!
//! A record has the key and those attributes of an item that the reader's filter names, and not whether the item was
//! there before. Writes other than a put in a transaction are not in it: nothing that a filter asks for is written so.

mod journal;
mod put_items;
mod reader;
mod table_stream;

pub use reader::read_stream;
pub use table_stream::TableStream;
