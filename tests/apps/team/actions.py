def reset(state):
    state.budget.spent = 0
    state["history"] = []
