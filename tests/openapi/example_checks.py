"""Checks that the curl examples of docs/examples.md work as they are."""

import examples


def checks(server):
    environment = {**server.settings, "QSTASH_URL": server.url}
    return [(f"example: {block.title}", examples.run, block, environment) for block in examples.curl_blocks()]
