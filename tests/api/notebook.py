"""Cells of a notebook, run by a real kernel."""

from typing import Any

import pytest

from tests.conftest import Project

KERNEL_S = 120.0

Message = tuple[str, dict[str, Any]]
"""The type of a message of the kernel, and its content."""


def run_cell(project: Project, cell: str) -> list[Message]:
    """Run a cell in a project, which has to succeed, and return what the kernel sent."""
    manager = pytest.importorskip("jupyter_client").KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(project.path), env=dict(project.environment))
    client = manager.blocking_client()
    messages: list[Message] = []

    def hear(message: dict[str, Any]) -> None:
        messages.append((message["msg_type"], message["content"]))

    try:
        client.start_channels()
        client.wait_for_ready(timeout=KERNEL_S)
        answer = client.execute_interactive(cell, timeout=KERNEL_S, output_hook=hear)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert answer["content"]["status"] == "ok", answer["content"].get("traceback")
    return messages
