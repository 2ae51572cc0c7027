"""The HTTP service and web page. Not built yet: this release scores files and single texts from the command line."""
