# A component without a cloud: its one resource lives in the state, so a run takes seconds.
terraform {
  required_version = ">= 1.11"
}

variable "text" {
  type        = string
  description = "What the note says."
}

variable "tags" {
  type        = map(string)
  description = "Tags; kept, so that a changed tag is a change."
  default     = {}
}

variable "suffix" {
  type        = string
  description = "What the output says beyond the text; no resource of this component holds it."
  default     = ""
}

variable "seconds" {
  type        = number
  description = "How long making it takes."
  default     = 0
}

resource "terraform_data" "this" {
  input = { text = var.text, tags = var.tags }

  provisioner "local-exec" {
    command = "sleep ${var.seconds}"
  }
}

output "text" {
  description = "What the note says, known when it has been made."
  value       = "${terraform_data.this.output.text}${var.suffix}"
}
