from tool.main import main
main()
