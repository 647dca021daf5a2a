//! The API of Parameter Store, as far as it is read: `AmazonSSM.GetParameter` and `GetParameters`.

use std::collections::BTreeSet;

use local_service::{ApiError, BoxFuture, Service, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::document::Parameter;
use crate::identifier::{SelectedParameter, parameter_arn};
use crate::{Account, SecretsFile};

/// Parameter Store answers as many names at once.
const NAMES_MAX: usize = 10;

#[derive(Debug, Clone)]
pub struct LocalParameterStore {
    account: Account,
    file: SecretsFile,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetParameter {
    name: String,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetParameters {
    names: Vec<String>,
    #[serde(default)]
    with_decryption: bool,
}

impl LocalParameterStore {
    #[must_use]
    pub fn new(account: Account, file: SecretsFile) -> Self {
        Self { account, file }
    }

    fn get_parameter(&self, input: Value) -> Result<Value, ApiError> {
        let request: GetParameter = parsed(input)?;
        let (document, changed) = self.file.read()?;
        let selected = SelectedParameter::parse(&request.name);
        let parameter = document.parameters.get(selected.name);
        let parameter = parameter.ok_or_else(|| self.file.no_such_parameter(selected.name))?;
        selected.check_version()?;
        let parameter = self.described(&selected, parameter, request.with_decryption, changed)?;
        Ok(json!({ "Parameter": parameter }))
    }

    /// In alphabetical order; names that there are not are no error.
    fn get_parameters(&self, input: Value) -> Result<Value, ApiError> {
        let request: GetParameters = parsed(input)?;
        if request.names.is_empty() || request.names.len() > NAMES_MAX {
            return Err(invalid(format!("Names has to have 1 to {NAMES_MAX} names")));
        }
        let (document, changed) = self.file.read()?;
        let (mut found, mut invalid_names) = (Vec::new(), Vec::new());
        for name in request.names.iter().collect::<BTreeSet<_>>() {
            let selected = SelectedParameter::parse(name);
            match document.parameters.get(selected.name) {
                Some(parameter) if selected.check_version().is_ok() => {
                    found.push(self.described(&selected, parameter, request.with_decryption, changed)?);
                }
                _ => invalid_names.push(name),
            }
        }
        Ok(json!({ "Parameters": found, "InvalidParameters": invalid_names }))
    }

    fn described(
        &self,
        selected: &SelectedParameter<'_>,
        parameter: &Parameter,
        with_decryption: bool,
        changed: Timestamp,
    ) -> Result<Value, ApiError> {
        let SelectedParameter { name, selector } = selected;
        let (kind, text) = match parameter {
            Parameter::StringList(text) => ("StringList", text),
            Parameter::SecureString(text) if with_decryption => ("SecureString", text),
            Parameter::SecureString(_) => {
                return Err(invalid(format!(
                    "{name} is a SecureString, and its ciphertext is not available on this machine: ask for it \
                     WithDecryption"
                )));
            }
        };
        let mut described = json!({
            "ARN": parameter_arn(&self.account, name),
            "Name": name,
            "Type": kind,
            "Value": text.expose(),
            "Version": 1,
            "DataType": "text",
            "LastModifiedDate": changed as f64 / 1000.0,
        });
        if !selector.is_empty() {
            described["Selector"] = (*selector).into();
        }
        Ok(described)
    }
}

fn parsed<T: for<'de> Deserialize<'de>>(input: Value) -> Result<T, ApiError> {
    serde_json::from_value(input).map_err(|error| invalid(error.to_string()))
}

fn invalid(message: String) -> ApiError {
    ApiError::client("ValidationException", message)
}

impl Service for LocalParameterStore {
    fn call<'a>(&'a self, operation: &'a str, input: Value) -> BoxFuture<'a, Result<Value, ApiError>> {
        Box::pin(async move {
            match operation {
                "GetParameter" => self.get_parameter(input),
                "GetParameters" => self.get_parameters(input),
                _ => Err(ApiError::unsupported("Parameter Store", operation)),
            }
        })
    }
}
