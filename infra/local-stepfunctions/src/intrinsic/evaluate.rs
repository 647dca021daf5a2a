//! A call over a state's data.

use serde_json::Value;

use super::parse::{Argument, Call, Function};
use super::{arrays, encoding, numbers, strings};
use crate::data::Data;
use crate::failure::Failure;
use crate::randomness::Randomness;

/// Why a function refused its arguments; the call's text is put in front of it.
pub(super) type Refusal = String;

impl Call {
    pub(crate) fn evaluate(&self, data: Data<'_>, random: &mut Randomness) -> Result<Value, Failure> {
        let mut arguments = Vec::with_capacity(self.arguments.len());
        for (index, argument) in self.arguments.iter().enumerate() {
            arguments.push(match argument {
                Argument::Text(text) if index == 0 && self.function == Function::Format => {
                    text.clone().into()
                }
                Argument::Text(text) => strings::unescape(text).into(),
                Argument::Literal(value) => value.clone(),
                Argument::Call(call) => call.evaluate(data, random)?,
                Argument::Path(path) => data.find(path).map(|found| found.into_owned()).ok_or_else(|| {
                    Failure::runtime(format!(
                        "The function '{}' had the following error: The JsonPath argument for the field '{}' \
                         could not be found in the input '{}'",
                        self.source, path.source, data.input
                    ))
                })?,
            });
        }
        call(self.function, &arguments, random).map_err(|refusal| {
            Failure::intrinsic(format!("The function '{}' had the following error: {refusal}", self.source))
        })
    }
}

fn call(function: Function, arguments: &[Value], random: &mut Randomness) -> Result<Value, Refusal> {
    let argument = |index: usize| arguments.get(index).unwrap_or(&Value::Null);
    match function {
        Function::Format => strings::format(string(argument(0))?, &arguments[1..]),
        Function::StringToJson => strings::string_to_json(string(argument(0))?),
        Function::JsonToString => Ok(argument(0).to_string().into()),
        Function::StringSplit => Ok(strings::split(string(argument(0))?, string(argument(1))?)),
        Function::Array => Ok(Value::Array(arguments.to_vec())),
        Function::ArrayPartition => arrays::partition(array(argument(0))?, integer(argument(1))?),
        Function::ArrayContains => Ok(array(argument(0))?.contains(argument(1)).into()),
        Function::ArrayRange => {
            arrays::range(integer(argument(0))?, integer(argument(1))?, integer(argument(2))?)
        }
        Function::ArrayGetItem => arrays::item(array(argument(0))?, integer(argument(1))?),
        Function::ArrayLength => Ok(array(argument(0))?.len().into()),
        Function::ArrayUnique => Ok(arrays::unique(array(argument(0))?)),
        Function::Base64Encode => encoding::base64_encode(string(argument(0))?),
        Function::Base64Decode => encoding::base64_decode(string(argument(0))?),
        Function::Hash => encoding::hash(argument(0), string(argument(1))?),
        Function::JsonMerge => encoding::json_merge(argument(0), argument(1), argument(2)),
        Function::MathAdd => numbers::add(number(argument(0))?, number(argument(1))?),
        Function::MathRandom => {
            numbers::random(integer(argument(0))?, integer(argument(1))?, arguments.get(2), random)
        }
        Function::Uuid => Ok(random.uuid().into()),
    }
}

fn string(value: &Value) -> Result<&str, Refusal> {
    value.as_str().ok_or_else(|| format!("{value} is not a string"))
}

fn array(value: &Value) -> Result<&Vec<Value>, Refusal> {
    value.as_array().ok_or_else(|| format!("{value} is not an array"))
}

fn number(value: &Value) -> Result<f64, Refusal> {
    value.as_f64().ok_or_else(|| format!("{value} is not a number"))
}

/// Step Functions rounds a fraction to the nearest integer.
fn integer(value: &Value) -> Result<i64, Refusal> {
    match value.as_i64() {
        Some(integer) => Ok(integer),
        None => number(value).map(|number| number.round() as i64),
    }
}
