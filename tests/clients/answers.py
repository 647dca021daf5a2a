"""Each call with what the service model says about it: shapes of answers, declared exceptions, who was called."""

import collections

import botocore.exceptions
import botocore.validate


class Calls:
    """Calls through boto3, remembered by operation."""

    def __init__(self, client):
        self.client = client
        self.model = client.meta.service_model
        self.succeeded = set()
        self.refused = collections.defaultdict(set)

    def __getattr__(self, method):
        operation = self.client.meta.method_to_api_mapping[method]

        def call(**parameters):
            answer = getattr(self.client, method)(**parameters)
            self._check(operation, answer)
            self.succeeded.add(operation)
            return answer

        return call

    def _check(self, operation, answer):
        """botocore passes over members that it does not know, and types that are not the model's."""
        shape = self.model.operation_model(operation).output_shape
        content = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
        assert answer["ResponseMetadata"]["RequestId"], f"{operation} has no request id"
        if shape is None:
            assert not content, f"{operation} has no answer in the model: {content}"
            return
        report = botocore.validate.ParamValidator().validate(content, shape)
        assert not report.has_errors(), f"{operation}: {report.generate_report()}"

    def refuses(self, exception, method, **parameters):
        """The call ends with an exception that the operation declares, and boto3 has a class for it."""
        operation = self.client.meta.method_to_api_mapping[method]
        declared = {shape.name for shape in self.model.operation_model(operation).error_shapes}
        assert exception in declared, f"{operation} does not declare {exception}"
        try:
            answer = getattr(self.client, method)(**parameters)
        except botocore.exceptions.ClientError as error:
            assert type(error).__name__ == exception, f"{operation}: {error}"
            assert error.response["Error"]["Message"], f"{operation}: {exception} says nothing"
            self.refused[operation].add(exception)
        else:
            raise AssertionError(f"{operation} was to end with {exception}, and answered {answer}")

    def declared(self, operation):
        return {shape.name for shape in self.model.operation_model(operation).error_shapes}
