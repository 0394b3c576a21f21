"""The members' site: Datasette publishes, these modules make it a product. See the section "Site" of the package's README."""
