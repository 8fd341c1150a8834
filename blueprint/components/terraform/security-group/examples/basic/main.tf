# A public load balancer, and a database that only the workloads behind it reach.
locals {
  tags = {
    cost-center = "cc-1234"
    owner       = "team-shop"
    tenant      = "acme"
    stage       = "prod"
    service     = "shop"
  }
}

module "load_balancer" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "shop-web"
  tags        = local.tags

  vpc_id = "vpc-0a1b2c3d4e5f60718"
  preset = "web-public"
  egress = { workloads = { from_port = 8443, cidr_ipv4 = "10.20.0.0/17" } }
}

module "database" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "shop-database"
  tags        = local.tags

  vpc_id                    = "vpc-0a1b2c3d4e5f60718"
  preset                    = "database"
  ports                     = [3306]
  source_security_group_ids = { workloads = "sg-0a1b2c3d4e5f60718" }
}
