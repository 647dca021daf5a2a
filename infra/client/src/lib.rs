//! The commands that speak with a Pipewright service, here or on AWS, through the CodePipeline API.
