# METADATA
# title: Logs and images are kept for audits
# description: >
#   Trails cover every region and show changes, images cannot be replaced under their name, load balancers log who came,
#   Kubernetes logs what its control plane did.
# custom:
#   severity: medium
#   owner: platform
#   controls: [AWS FSBP CloudTrail.1, AWS FSBP CloudTrail.4, AWS FSBP ECR.1, AWS FSBP ECR.2, AWS FSBP ELB.5, AWS FSBP EKS.8, CIS AWS 3.0.0 3.1, CIS AWS 3.0.0 3.2]
#   remediation: >
#     Switch on what the finding names; the components of the blueprint do by default.
package gaia.plan.history_is_kept

import data.gaia.lib.plan
import data.gaia.lib.setting
import data.gaia.lib.value

settings := {
	"aws_cloudtrail": [
		{"path": ["is_multi_region_trail"], "want": "on"},
		{"path": ["enable_log_file_validation"], "want": "on"},
	],
	"aws_ecr_repository": [
		{"path": ["image_tag_mutability"], "want": {"one_of": {"IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"}}},
		{"path": ["image_scanning_configuration", 0, "scan_on_push"], "want": "on"},
	],
	"aws_alb": [{"path": ["access_logs", 0, "enabled"], "want": "on"}],
	"aws_lb": [{"path": ["access_logs", 0, "enabled"], "want": "on"}],
}

deny contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.wrong(resource, rows)
	message := sprintf("%s loses what somebody will ask for", [attribute])
}

undecided contains {"address": resource.address, "message": message} if {
	some kind, rows in settings
	some resource in plan.of(kind)
	some attribute in setting.unknown(resource, rows)
	message := sprintf("%s is known only after apply", [attribute])
}

deny contains {"address": resource.address, "message": message} if {
	some resource in plan.of("aws_eks_cluster")
	kinds := value.read(resource.change, ["enabled_cluster_log_types"])
	kinds.state != "unknown"
	missing := {"api", "audit", "authenticator", "controllerManager", "scheduler"} - {kind | some kind in value.items(object.get(kinds, "value", []))}
	count(missing) > 0
	message := sprintf("the control plane does not log %s", [concat(", ", sort(missing))])
}

undecided contains {"address": resource.address, "message": "what the control plane logs is known only after apply"} if {
	some resource in plan.of("aws_eks_cluster")
	value.read(resource.change, ["enabled_cluster_log_types"]).state == "unknown"
}
