# A component that can be planned, and breaks when it is made: its resource is in the state then, tainted.
terraform {
  required_version = ">= 1.11"
}

variable "text" {
  type        = string
  description = "What it would say."
}

variable "tags" {
  type        = map(string)
  description = "Tags."
  default     = {}
}

resource "terraform_data" "this" {
  input = { text = var.text, tags = var.tags }

  provisioner "local-exec" {
    command = "exit 7"
  }
}
