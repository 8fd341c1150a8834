# A production cluster over three zones.
module "cluster" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "apps"

  tags = {
    cost-center = "cc-0001"
    owner       = "team-platform"
    tenant      = "acme"
    stage       = "prod"
    service     = "apps"
  }

  kubernetes_version = "1.34"
  subnet_ids         = ["subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718", "subnet-2a1b2c3d4e5f60718"]
  alarm_topic_arns   = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-alarms"]
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d"

  node_groups = {
    general = { instance_types = ["m7i.large", "m6i.large"], min_size = 3, max_size = 12 }
    batch = {
      instance_types = ["m7i.large", "m6i.large", "m5.large"]
      min_size       = 3
      max_size       = 30
      capacity_type  = "SPOT"
      taints         = { batch = { effect = "NO_SCHEDULE" } }
    }
  }

  access_entries = {
    platform  = { principal_arn = "arn:aws:iam::123456789012:role/platform-admin", policies = { AmazonEKSClusterAdminPolicy = [] } }
    team-shop = { principal_arn = "arn:aws:iam::123456789012:role/team-shop", policies = { AmazonEKSEditPolicy = ["shop"] } }
  }
}
