//! How much an action may leave in variables.

use std::collections::BTreeMap;
use std::fmt;

/// Names and values of one action together, in bytes of UTF-8. (user guide, page `limits`)
pub const MAXIMUM_OUTPUT_BYTES: usize = 122_880;

/// An action left more than fits: the exception of that name for a job worker, and the action fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputVariablesSizeExceeded {
    pub bytes: usize,
}

impl fmt::Display for OutputVariablesSizeExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The output variables have {} bytes; {MAXIMUM_OUTPUT_BYTES} are allowed", self.bytes)
    }
}

impl std::error::Error for OutputVariablesSizeExceeded {}

/// Checks the output variables of an action.
pub fn check_output_size(variables: &BTreeMap<String, String>) -> Result<(), OutputVariablesSizeExceeded> {
    let bytes = variables.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MAXIMUM_OUTPUT_BYTES { Err(OutputVariablesSizeExceeded { bytes }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_variables_are_counted_with_their_names() {
        let of = |bytes: usize| BTreeMap::from([("name".to_string(), "x".repeat(bytes - 4))]);
        assert_eq!(check_output_size(&of(MAXIMUM_OUTPUT_BYTES)), Ok(()));
        let bytes = MAXIMUM_OUTPUT_BYTES + 1;
        assert_eq!(check_output_size(&of(bytes)), Err(OutputVariablesSizeExceeded { bytes }));
    }
}
