# METADATA
# title: Nothing but a load balancer is reached from the internet
# description: >
#   Databases, clusters, machines and subnets have no public address. What must be public stands behind a load balancer.
# custom:
#   severity: critical
#   controls: [AWS FSBP RDS.2, AWS FSBP EC2.9, AWS FSBP EC2.15, AWS FSBP EKS.1, CIS AWS 3.0.0 2.3.3]
#   remediation: >
#     Switch the public address off and reach the resource through the network, Session Manager or a load balancer.
package gaia.plan.no_public_endpoint

import data.gaia.lib.plan
import data.gaia.lib.setting

settings := {
	"aws_db_instance": [{"path": ["publicly_accessible"], "want": "off"}],
	"aws_eks_cluster": [{"path": ["vpc_config", 0, "endpoint_public_access"], "want": "off"}],
	"aws_instance": [{"path": ["associate_public_ip_address"], "want": "off"}],
	"aws_launch_template": [{"path": ["network_interfaces", 0, "associate_public_ip_address"], "want": "off"}],
	"aws_rds_cluster_instance": [{"path": ["publicly_accessible"], "want": "off"}],
	"aws_subnet": [{"path": ["map_public_ip_on_launch"], "want": "off"}],
}

deny contains {"address": resource.address, "message": message} if {
	some kind in object.keys(settings)
	some resource in plan.of(kind)
	some attribute in setting.wrong(resource, settings[kind])
	not excused(resource)
	message := sprintf("%s makes it reachable from the internet", [attribute])
}

undecided contains {"address": resource.address, "message": message} if {
	some kind in object.keys(settings)
	some resource in plan.of(kind)
	some attribute in setting.unknown(resource, settings[kind])
	message := sprintf("%s is known only after apply", [attribute])
}

# A cluster whose public endpoint lets named networks in only.
excused(resource) if {
	resource.type == "aws_eks_cluster"
	networks := resource.change.after.vpc_config[0].public_access_cidrs
	count(networks) > 0
	count({network | some network in networks; to_number(split(network, "/")[1]) < 8}) == 0
}
